#include "ml/examination.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

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

Examination estimate(const LabelledRows& rows) {
  return estimate_examination(rows, std::vector<std::uint8_t>(rows.rows(), 1));
}

TEST(Examination, IsTheRateOfPicksRelativeToTheFirstPosition) {
  const Examination examination = estimate(rows_of(20'000, {4000, 3600, 1000, 200}));
  EXPECT_EQ(examination.at(1), 1);
  EXPECT_NEAR(examination.at(2), 0.9, 0.01);
  EXPECT_NEAR(examination.at(3), 0.25, 0.01);
  EXPECT_NEAR(examination.at(4), 0.05, 0.01);
  EXPECT_EQ(examination.at(9), examination.at(4));
  EXPECT_EQ(examination.at(0), 1);
}

TEST(Examination, NeverRises) {
  const Examination examination = estimate(rows_of(5000, {1000, 500, 700, 200, 260}));
  EXPECT_TRUE(std::is_sorted(examination.at_position.rbegin(), examination.at_position.rend()));
  EXPECT_EQ(examination.at(2), examination.at(3));
  EXPECT_NEAR(examination.at(2), 0.6, 0.02);
}

TEST(Examination, FollowsAPowerLawWhereRowsAreFew) {
  // About 30 picks that fall as 1 / k, with a hole: no position may be taken for never examined.
  const Examination examination = estimate(rows_of(40, {12, 6, 4, 3, 0, 2, 2, 1}));
  EXPECT_GT(examination.at(5), 0.1);
  EXPECT_LT(examination.at(5), 0.4);
  EXPECT_NEAR(examination.at(2), 0.5, 0.15);
}

TEST(Examination, IsAllOnesWithoutPicksOrRandomisedRows) {
  EXPECT_EQ(estimate(rows_of(10, {0, 0, 0})).at(3), 1);
  const LabelledRows rows = rows_of(1000, {500, 100});
  EXPECT_EQ(estimate_examination(rows, std::vector<std::uint8_t>(rows.rows(), 0)).at(2), 1);
  EXPECT_EQ(estimate_examination({}, {}).at(2), 1);
  LabelledRows unknown = rows;
  unknown.shown.clear();
  EXPECT_EQ(estimate(unknown).at(2), 1);
}

TEST(Examination, StaysAllOnesWherePicksRiseDownTheList) {
  EXPECT_EQ(estimate(rows_of(1000, {50, 80, 110})).at(3), 1);
}

TEST(Examination, LooksAtRandomisedRowsOnly) {
  LabelledRows rows = rows_of(5000, {1000, 500});
  std::vector<std::uint8_t> randomised(rows.rows(), 1);
  for (int i = 0; i < 5000; ++i) {  // ranked lists whose second position is never picked
    rows.labels.push_back(0);
    rows.shown.push_back({.position = 2});
    randomised.push_back(0);
  }
  EXPECT_NEAR(estimate_examination(rows, randomised).at(2), 0.5, 0.02);
}

TEST(Examination, LetsAPickSpeakForTheOverlooked) {
  LabelledRows rows;
  rows.labels = {1, 1, 0, 1, 0.5F};
  for (const int position : {1, 2, 2, 3, 2}) rows.shown.push_back({.position = position});
  rows.weights = {1, 1, 1, 2, 1};
  weigh_by_examination(rows, {{1, 0.25, 0.01}}, 10);
  EXPECT_EQ(rows.weights, (std::vector<float>{1, 4, 1, 20, 2.5F}));
  EXPECT_EQ(rows.labels, (std::vector<float>{1, 1, 0, 1, 0.8F}));
}

TEST(Examination, LeavesRowsOfUnknownPositionsAlone) {
  LabelledRows rows;
  rows.labels = {1, 0};
  weigh_by_examination(rows, {{1, 0.5}}, 10);
  EXPECT_TRUE(rows.weights.empty());
  EXPECT_EQ(rows.labels, (std::vector<float>{1, 0}));
}

}  // namespace
}  // namespace rankloop::ml
