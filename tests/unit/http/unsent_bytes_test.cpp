// The bound on answers that nobody takes.
#include "http/unsent_bytes.h"

#include <optional>

#include <gtest/gtest.h>

namespace rankloop::http {
namespace {

class Client final : public Connection {
 public:
  void close() override { closed = true; }
  bool closed = false;
};

TEST(UnsentBytes, CountsWhatSeveralAnswersShareOnce) {
  constexpr std::size_t kArtefact = 600;
  const int artefact = 0;
  const int another = 0;
  UnsentBytes unsent(1'000);
  Client one, two, three, four;
  std::optional<UnsentBytes::Holding> first(std::in_place, unsent, one, 10,
                                            UnsentBytes::Shared{&artefact, kArtefact});
  std::optional<UnsentBytes::Holding> second(std::in_place, unsent, two, 10,
                                             UnsentBytes::Shared{&artefact, kArtefact});
  EXPECT_FALSE(one.closed);
  first.reset();
  // The second still has them: there is room for 380 more.
  std::optional<UnsentBytes::Holding> third(std::in_place, unsent, three, 380);
  EXPECT_FALSE(two.closed);
  // Another artefact does not fit beside it.
  const UnsentBytes::Holding fourth(unsent, four, 10, {&another, kArtefact});
  EXPECT_TRUE(two.closed);
  EXPECT_FALSE(three.closed);
  EXPECT_FALSE(four.closed);
}

TEST(UnsentBytes, NeverGivesUpWhatItMakesRoomFor) {
  const int artefact = 0;
  UnsentBytes unsent(1'000);
  Client one, two, three;
  const UnsentBytes::Holding first(unsent, one, 300, {&artefact, 600});
  const UnsentBytes::Holding second(unsent, two, 300, {&artefact, 600});  // only the first's own bytes go
  EXPECT_TRUE(one.closed);
  EXPECT_FALSE(two.closed);
  const UnsentBytes::Holding third(unsent, three, 101);
  EXPECT_TRUE(two.closed);
  EXPECT_FALSE(three.closed);
}

}  // namespace
}  // namespace rankloop::http
