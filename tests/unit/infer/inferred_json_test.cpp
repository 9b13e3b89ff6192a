// Corrections as machines write them.
#include "infer/inferred_json.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rankloop::infer {
namespace {

using ::testing::HasSubstr;

TEST(Corrections, SayOnlyWhatIsToBeOther) {
  const auto read = read_corrections(
      R"([{"column":"price","type":"float","required":false,"name":"cost"},{"column":"x","ignored":true}])");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->at(0).column, "price");
  EXPECT_EQ(read->at(0).type, "float");
  EXPECT_EQ(read->at(0).name, "cost");
  EXPECT_EQ(read->at(0).required, false);
  EXPECT_FALSE(read->at(0).feature.has_value());
  EXPECT_EQ(read->at(1).ignored, true);
  EXPECT_TRUE(read_corrections("")->empty());
}

TEST(Corrections, AreRefusedWithTheReason) {
  for (const auto& [text, why] :
       {std::pair{"[", "no JSON"}, std::pair{"{}", "no list"}, std::pair{"[3]", "an object"},
        std::pair{R"([{"type":"int"}])", "names its column"},
        std::pair{R"([{"column":"a","kind":"int"}])", "'kind' is no member"},
        std::pair{R"([{"column":"a","required":1}])", "'required' has a value"},
        std::pair{R"([{"column":3}])", "'column' has a value"}}) {
    const auto read = read_corrections(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(read.error().message, HasSubstr(why)) << text;
  }
}

}  // namespace
}  // namespace rankloop::infer
