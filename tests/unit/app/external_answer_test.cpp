// Rankings of other programs, checked.
#include "app/serve/external_answer.h"

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rankloop::app {
namespace {

using ::testing::HasSubstr;

const std::vector<ItemId> kItems = {{3}, {5}, {17}, {41}, {90}};

Result<std::vector<RankedItem>> read(std::string_view answer, int best = 1000) {
  return read_external_answer(boost::json::parse(answer), kItems, ItemKeys{ItemIdType::kNumber}, best);
}

std::vector<std::int64_t> ids(const Result<std::vector<RankedItem>>& ranked) {
  std::vector<std::int64_t> found;
  EXPECT_TRUE(ranked) << (ranked ? "" : ranked.error().message);
  if (!ranked) return found;
  for (const RankedItem& item : *ranked) found.push_back(item.item.value);
  return found;
}

TEST(ExternalAnswer, KeepsTheOrderOfIds) {
  const auto ranked = read("[41, 3, 90]");
  EXPECT_EQ(ids(ranked), (std::vector<std::int64_t>{41, 3, 90}));
  for (const RankedItem& item : *ranked) EXPECT_EQ(item, (RankedItem{item.item, 0, 1}));
}

TEST(ExternalAnswer, OrdersPairsByScoreAndKeepsEqualOnesAsTheyCame) {
  const auto ranked = read("[[3, 0.5], [90, -1], [41, 2], [5, 0.5]]");
  EXPECT_EQ(ids(ranked), (std::vector<std::int64_t>{41, 3, 5, 90}));
  EXPECT_FLOAT_EQ(ranked->front().score, 2);
  EXPECT_FLOAT_EQ(ranked->back().score, -1);
}

TEST(ExternalAnswer, KeepsTheBestOnly) {
  EXPECT_EQ(ids(read("[41, 3, 90]", 2)), (std::vector<std::int64_t>{41, 3}));
  EXPECT_EQ(ids(read("[[3, 1], [90, 2], [5, 3]]", 1)), (std::vector<std::int64_t>{5}));
}

TEST(ExternalAnswer, MayBeEmpty) {
  EXPECT_TRUE(ids(read("[]")).empty());
}

TEST(ExternalAnswer, ReadsWholeNumbersHoweverTheyAreWritten) {
  EXPECT_EQ(ids(read("[41.0, 3e0]")), (std::vector<std::int64_t>{41, 3}));
}

struct Wrong {
  const char* answer;
  const char* told;
};

class WrongExternalAnswer : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongExternalAnswer, IsRefusedWithItsReason) {
  const auto ranked = read(GetParam().answer);
  ASSERT_FALSE(ranked);
  EXPECT_EQ(ranked.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(ranked.error().message, HasSubstr(GetParam().told));
  EXPECT_THAT(ranked.error().message, HasSubstr("allowed is"));
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongExternalAnswer,
    ::testing::Values(Wrong{"null", "is null"}, Wrong{R"({"items":[3]})", R"({"items":[3]})"},
                      Wrong{R"(["no"])", R"("no", which is no item id)"}, Wrong{"[3.5]", "no item id"},
                      Wrong{"[true]", "no item id"}, Wrong{"[4]", "item 4, which was not among"},
                      Wrong{"[3, 5, 3]", "item 3 twice"}, Wrong{"[[3, 1], 5]", "mixes"},
                      Wrong{"[5, [3, 1]]", "mixes"}, Wrong{"[[3]]", "entry [3]"},
                      Wrong{"[[3, 1, 2]]", "entry [3,1,2]"}, Wrong{"[[3, null]]", "score null for item 3"},
                      Wrong{"[[3, 1e300]]", "score 1E300"}, Wrong{"[[3, 1], [3, 2]]", "item 3 twice"}));

TEST(ExternalAnswer, NamesItemsByTheirTexts) {
  ItemKeys keys{ItemIdType::kText};
  for (const char* key : {"a/b", "🍎", "elsewhere"}) ASSERT_TRUE(keys.add(key));
  const std::vector<ItemId> items = {{1}, {2}};
  const auto read = [&](const char* answer) {
    return read_external_answer(boost::json::parse(answer), items, keys, 10);
  };
  const auto ranked = read(R"([["a/b", 1], ["🍎", 2]])");
  ASSERT_TRUE(ranked) << ranked.error().message;
  EXPECT_EQ(ranked->front().item, ItemId{2});
  EXPECT_THAT(read(R"(["🍎", "🍎"])").error().message, HasSubstr(R"(item "🍎" twice)"));
  EXPECT_THAT(read("[1]").error().message, HasSubstr("1, which is no item id"));
  for (const char* other : {R"(["elsewhere"])", R"(["nobody's"])"})
    EXPECT_THAT(read(other).error().message, HasSubstr("not among those to be ranked"));
}

}  // namespace
}  // namespace rankloop::app
