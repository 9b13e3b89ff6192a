// Whether a pick's chance is the place's times the item's.
#include "ml/position_model.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

// Lists of ten in random order of items that please with their score. What is looked at (k^-1) and pleases is
// picked; `trust` of the others that stand first are, too, because they stand there.
std::vector<ShownAtRandom> lists(int count, double trust, std::uint64_t seed) {
  RandomNumbers random{seed};
  std::vector<ShownAtRandom> rows;
  for (int list = 0; list < count; ++list) {
    for (std::int32_t position = 1; position <= 10; ++position) {
      const double score = random.uniform(0.01, 0.4);
      const bool seen = random.uniform(0, 1) < 1.0 / position;
      const bool trusted = position == 1 && random.uniform(0, 1) < trust;
      rows.push_back({position, score, seen && (trusted || random.uniform(0, 1) < score)});
    }
  }
  return rows;
}

TEST(PositionModel, IsRejectedAboutAsOftenAsItSaysWhereItHolds) {
  int rejected = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const auto test = test_position_model(lists(1'000, 0, seed));
    ASSERT_TRUE(test);
    rejected += test->p_value < 0.05 ? 1 : 0;
  }
  EXPECT_GE(rejected, 2);
  EXPECT_LE(rejected, 24);  // 15, and twice the deviation
}

TEST(PositionModel, IsRejectedWherePeopleTrustTheTop) {
  int rejected = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto test = test_position_model(lists(3'000, 0.3, seed));
    ASSERT_TRUE(test);
    rejected += test->p_value < 0.05 ? 1 : 0;
    EXPECT_GT(test->worst_on_top, 1.1 * test->worst_on_top_expected) << "what is worse is picked on top";
  }
  EXPECT_GE(rejected, 19);
}

TEST(PositionModel, GroupsPositionsAndScoresByTheirPicks) {
  const auto test = test_position_model(lists(1'000, 0, 1));
  ASSERT_TRUE(test);
  EXPECT_EQ(test->bins, 4U);
  EXPECT_EQ(test->last_positions.front(), 1);
  EXPECT_EQ(test->last_positions.back(), 10);
  EXPECT_EQ(test->degrees, 3 * (test->last_positions.size() - 1));
  std::size_t picks = 0;
  for (const ShownAtRandom& row : lists(1'000, 0, 1)) picks += row.picked ? 1 : 0;
  EXPECT_EQ(test->picks, picks);
}

// Two positions, two scores, picks 30, 10, 20, 40 of 100 each: the textbook's chi-squared of a table.
TEST(PositionModel, IsPearsonsTest) {
  std::vector<ShownAtRandom> rows;
  const auto add = [&](std::int32_t position, double score, int picks) {
    for (int i = 0; i < 100; ++i) rows.push_back({position, score, i < picks});
  };
  add(1, 0.1, 30);
  add(1, 0.9, 10);
  add(2, 0.1, 20);
  add(2, 0.9, 40);
  const auto test = test_position_model(rows);
  ASSERT_TRUE(test);
  EXPECT_EQ(test->degrees, 1U);
  // Expected are 20, 20, 30, 30.
  EXPECT_NEAR(test->chi_squared, 100.0 / 20 * 2 + 100.0 / 30 * 2, 1e-9);
  EXPECT_NEAR(test->p_value, 4.455709060405608e-05, 1e-12);
  EXPECT_DOUBLE_EQ(test->worst_on_top, 30);
  EXPECT_NEAR(test->worst_on_top_expected, 20, 1e-9);
}

TEST(PositionModel, HasNothingToSayOfOneScoreOrOnePlaceOrFewPicks) {
  EXPECT_FALSE(test_position_model({}));
  std::vector<ShownAtRandom> one_score, one_place;
  for (int i = 0; i < 500; ++i) {
    one_score.push_back({1 + i % 5, 0.5, i % 2 == 0});
    one_place.push_back({1, 0.001 * i, i % 2 == 0});
  }
  EXPECT_FALSE(test_position_model(one_score));
  EXPECT_FALSE(test_position_model(one_place));
  EXPECT_FALSE(test_position_model(lists(10, 0, 1)));
}

}  // namespace
}  // namespace rankloop::ml
