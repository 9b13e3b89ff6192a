// Ranges of the circle of hashes: shares that change move nobody of another owner.
#include "domain/hash_circle.h"

#include <gtest/gtest.h>

namespace rankloop {
namespace {

TEST(HashCircle, HoldsTheFirstPointOfARangeAndNotItsEnd) {
  const CircleRanges ranges = {{10, 20}, {30, 40}};
  EXPECT_FALSE(holds(ranges, 9));
  EXPECT_TRUE(holds(ranges, 10));
  EXPECT_TRUE(holds(ranges, 19));
  EXPECT_FALSE(holds(ranges, 20));
  EXPECT_TRUE(holds(ranges, 39));
  EXPECT_FALSE(holds(ranges, 40));
  EXPECT_FALSE(holds({}, 0));
}

TEST(HashCircle, GrowsByWhatNobodyHasAndGoesRound) {
  const CircleRanges others = {{0, 100}, {900'000, 950'000}};
  const auto grown = resized({}, 100'000, others, 900'000);
  ASSERT_TRUE(grown);
  EXPECT_EQ(*grown, (CircleRanges{{100, 50'100}, {950'000, kCirclePoints}}));
}

TEST(HashCircle, KeepsWhatItHadWhenItGrowsAndPartOfItWhenItShrinks) {
  const CircleRanges others = {{200, 300}};
  const CircleRanges own = {{100, 200}};
  const auto grown = resized(own, 150, others, 200);
  ASSERT_TRUE(grown);
  EXPECT_EQ(*grown, (CircleRanges{{100, 200}, {300, 350}}));
  const auto shrunk = resized(*grown, 120, others, 200);
  ASSERT_TRUE(shrunk);
  EXPECT_EQ(*shrunk, (CircleRanges{{100, 200}, {300, 320}}));
  EXPECT_EQ(resized(own, 0, others, 0), CircleRanges{});
}

TEST(HashCircle, DoesNotGrowBeyondWhatIsFree) {
  EXPECT_FALSE(resized({}, 2, {{0, kCirclePoints - 1}}, 0));
  EXPECT_TRUE(resized({}, 1, {{0, kCirclePoints - 1}}, 0));
}

TEST(HashCircle, UnitesRangesThatTouch) {
  EXPECT_EQ(united({{0, 10}, {20, 30}}, {{10, 20}, {40, 50}}), (CircleRanges{{0, 30}, {40, 50}}));
}

TEST(HashCircle, IsReadAsItIsWritten) {
  const CircleRanges ranges = {{0, 50'000}, {90'000, kCirclePoints}};
  EXPECT_EQ(to_text(ranges), "0-50000,90000-1000000");
  const auto read = parse_ranges(to_text(ranges));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, ranges);
  EXPECT_EQ(*parse_ranges(""), CircleRanges{});
}

TEST(HashCircle, RefusesTextsThatAreNoRanges) {
  for (const char* text : {"1", "1-", "2-1", "1-1", "1-2,", "5-6,1-2", "1-2;3-4", "0-1000001", "a-b", " 1-2"})
    EXPECT_FALSE(parse_ranges(text)) << text;
}

}  // namespace
}  // namespace rankloop
