// Candidates that name nothing, as lines and back.
#include "domain/ranking.h"

#include <gtest/gtest.h>

namespace rankloop {
namespace {

TEST(UnknownCandidates, AreKeptAsLines) {
  const std::vector<std::string> texts = {"no such", " ", "🍏"};
  std::vector<LeftOut> left_out = {{ItemId{3}, LeftOutReason::kDoubled}};
  append_unknown(lines_of(texts), left_out);
  EXPECT_EQ(left_out, (std::vector<LeftOut>{{ItemId{3}, LeftOutReason::kDoubled},
                                            {{}, LeftOutReason::kUnknown, "no such"},
                                            {{}, LeftOutReason::kUnknown, " "},
                                            {{}, LeftOutReason::kUnknown, "🍏"}}));
  left_out.clear();
  append_unknown(lines_of({}), left_out);
  EXPECT_TRUE(left_out.empty());
}

}  // namespace
}  // namespace rankloop
