// How often positions are looked at, learned from random orders.
#include "ml/examination.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

// `shown` rows at each position, of which the given number were picked; all of one weight.
LabelledRows rows_of(int shown, const std::vector<double>& picks) {
  LabelledRows rows;
  for (std::size_t p = 0; p < picks.size(); ++p) {
    for (int i = 0; i < shown; ++i) {
      rows.labels.push_back(i < picks[p] ? 1.0F : 0.0F);
      rows.shown.push_back({.position = static_cast<std::int32_t>(p + 1)});
    }
  }
  return rows;
}

Examination estimate(const LabelledRows& rows, std::vector<std::uint8_t> randomised = {}) {
  if (randomised.empty()) randomised.assign(rows.rows(), 1);
  PositionCounts counts;
  counts.add(rows, randomised);
  return estimate_attraction(counts).curve;
}

TEST(Attraction, IsTheRateOfPicksRelativeToTheFirstPosition) {
  const Examination curve = estimate(rows_of(20'000, {4000, 3600, 1000, 200}));
  EXPECT_EQ(curve.at(1), 1);
  EXPECT_NEAR(curve.at(2), 0.9, 0.01);
  EXPECT_NEAR(curve.at(3), 0.25, 0.01);
  EXPECT_NEAR(curve.at(4), 0.05, 0.01);
  EXPECT_EQ(curve.at(9), curve.at(4));
  EXPECT_EQ(curve.at(0), 1);
}

TEST(Attraction, NeverRises) {
  const Examination curve = estimate(rows_of(5000, {1000, 500, 700, 200, 260}));
  EXPECT_TRUE(std::is_sorted(curve.at_position.rbegin(), curve.at_position.rend()));
  EXPECT_EQ(curve.at(2), curve.at(3));
  EXPECT_NEAR(curve.at(2), 0.6, 0.02);
}

TEST(Attraction, FollowsAPowerLawWhereRowsAreFew) {
  // About 30 picks that fall as 1 / k, with a hole: no position may be taken for never examined.
  const Examination curve = estimate(rows_of(40, {12, 6, 4, 3, 0, 2, 2, 1}));
  EXPECT_GT(curve.at(5), 0.1);
  EXPECT_LT(curve.at(5), 0.4);
  EXPECT_NEAR(curve.at(2), 0.5, 0.15);
}

TEST(Attraction, IsAllOnesWithoutPicksOrRandomisedRows) {
  EXPECT_EQ(estimate(rows_of(10, {0, 0, 0})).at(3), 1);
  const LabelledRows rows = rows_of(1000, {500, 100});
  EXPECT_EQ(estimate(rows, std::vector<std::uint8_t>(rows.rows(), 0)).at(2), 1);
  EXPECT_EQ(estimate({}).at(2), 1);
  LabelledRows unknown = rows;
  unknown.shown.clear();
  EXPECT_EQ(estimate(unknown).at(2), 1);
}

TEST(Attraction, StaysAllOnesWherePicksRiseDownTheList) {
  EXPECT_EQ(estimate(rows_of(1000, {50, 80, 110})).at(3), 1);
}

TEST(Attraction, LooksAtRandomisedRowsOnly) {
  LabelledRows rows = rows_of(5000, {1000, 500});
  std::vector<std::uint8_t> randomised(rows.rows(), 1);
  for (int i = 0; i < 5000; ++i) {  // ranked lists whose second position is never picked
    rows.labels.push_back(0);
    rows.shown.push_back({.position = 2});
    randomised.push_back(0);
  }
  EXPECT_NEAR(estimate(rows, randomised).at(2), 0.5, 0.02);
}

TEST(Attraction, LetsAPickSpeakForTheOverlooked) {
  LabelledRows rows;
  rows.labels = {1, 1, 0, 1, 0.5F};
  for (const int position : {1, 2, 2, 3, 2}) rows.shown.push_back({.position = position});
  rows.weights = {1, 1, 1, 2, 1};
  weigh_by_attraction(rows, {{1, 0.25, 0.01}}, 10);
  EXPECT_EQ(rows.weights, (std::vector<float>{1, 4, 1, 20, 2.5F}));
  EXPECT_EQ(rows.labels, (std::vector<float>{1, 1, 0, 1, 0.8F}));
}

TEST(Attraction, CountsAPickOnceWhateverItWasWorth) {
  LabelledRows rows;
  rows.labels = {5, 2};
  for (const int position : {1, 2}) rows.shown.push_back({.position = position});
  PositionCounts counts;
  counts.add(rows, std::vector<std::uint8_t>{1, 1});
  EXPECT_EQ(counts.picks(), 2);
  weigh_by_attraction(rows, {{1, 0.25}}, 10);
  EXPECT_EQ(rows.weights, (std::vector<float>{1, 4}));
  EXPECT_EQ(rows.labels, (std::vector<float>{5, 2}));
}

TEST(Attraction, LeavesRowsOfUnknownPositionsAlone) {
  LabelledRows rows;
  rows.labels = {1, 0};
  weigh_by_attraction(rows, {{1, 0.5}}, 10);
  EXPECT_TRUE(rows.weights.empty());
  EXPECT_EQ(rows.labels, (std::vector<float>{1, 0}));
}

// Who looks at position k with probability 1 / k and takes the best of what was seen, or nothing when none of
// it will do (`pleases`): 5,000 lists of ten in random order.
PositionCounts lists_of_guests(double pleases, std::uint64_t seed) {
  RandomNumbers random{seed};
  PositionCounts counts;
  for (int list = 0; list < 5000; ++list) {
    int pick = 0;
    double best = 0;
    for (int position = 1; position <= 10; ++position) {
      const bool seen = random.uniform(0, 1) < 1.0 / position;
      const double value = random.uniform(0, 1);
      if (!seen || value < 1 - pleases || value < best) continue;
      best = value;
      pick = position;
    }
    for (int position = 1; position <= 10; ++position) counts.add(position, 1, position == pick ? 1 : 0);
  }
  return counts;
}

TEST(ExaminedPositions, AreFoundThoughPeoplePickOnce) {
  for (const double pleases : {1.0, 0.4}) {
    const auto found = estimate_examination(lists_of_guests(pleases, 5), 20);
    ASSERT_EQ(found.size(), 10U);
    EXPECT_EQ(found[0].examination, 1);
    EXPECT_NEAR(found[1].examination, 0.5, 0.05);
    EXPECT_NEAR(found[4].examination, 0.2, 0.035);
    EXPECT_NEAR(found[9].examination, 0.1, 0.025);
  }
}

TEST(ExaminedPositions, HaveIntervalsThatHoldTheTruth) {
  int held = 0, asked = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto found = estimate_examination(lists_of_guests(0.7, seed), 20);
    for (std::size_t k = 1; k < found.size(); ++k, ++asked) {
      const double truth = 1 / static_cast<double>(k + 1);
      EXPECT_LE(found[k].low, found[k].examination);
      EXPECT_GE(found[k].high, found[k].examination);
      held += found[k].low <= truth && truth <= found[k].high ? 1 : 0;
    }
  }
  EXPECT_GE(held, asked * 85 / 100);
}

TEST(ExaminedPositions, AreUnknownWithoutAPick) {
  PositionCounts counts;
  EXPECT_TRUE(estimate_examination(counts, 20).empty());
  for (int position = 1; position <= 3; ++position) counts.add(position, 100, 0);
  EXPECT_TRUE(estimate_examination(counts, 20).empty());
}

}  // namespace
}  // namespace rankloop::ml
