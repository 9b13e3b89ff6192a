// Distributions and the index between two.
#include "ml/drift.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rankloop::ml {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pointwise;

constexpr float kAbsent = std::numeric_limits<float>::quiet_NaN();

Domain domain_of_two() {
  Domain domain;
  domain.features = {{"a", Side::kRequest, 0}, {"b", Side::kItem, 0}};
  domain.crosses = {{"cross", CrossOp::kProduct, Comparison::kEqual, 0, 0}};
  return domain;
}

// Rows of two features and a cross: `values`, a constant, nothing.
LabelledRows rows_of(const std::vector<float>& values) {
  LabelledRows rows;
  rows.width = 3;
  for (const float value : values) {
    rows.values.insert(rows.values.end(), {value, 5, kAbsent});
    rows.labels.push_back(0);
  }
  return rows;
}

FeatureSnapshot snapshot_of(const std::vector<float>& values) {
  return take_snapshot(domain_of_two(), rows_of(values)).front();
}

std::vector<float> count_to(int n) {
  std::vector<float> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 1.0F);
  return values;
}

auto near(const std::vector<double>& wanted) {
  return Pointwise(DoubleNear(1e-12), wanted);
}

TEST(Drift, TakesASnapshotOfTheFeaturesWithoutCrosses) {
  const auto snapshots = take_snapshot(domain_of_two(), rows_of({1, 2}));
  ASSERT_EQ(snapshots.size(), 2U);
  EXPECT_EQ(snapshots[0].feature, "a");
  EXPECT_EQ(snapshots[1].feature, "b");
}

TEST(Drift, GivesEveryValueOfAFewItsBin) {
  const FeatureSnapshot snapshot = snapshot_of({0, 1, 1, 3});
  EXPECT_THAT(snapshot.edges, ElementsAre(0, 1));
  EXPECT_THAT(snapshot.shares, near({0.25, 0.5, 0.25, 0}));
}

TEST(Drift, HasTenBinsOfEqualShareForMany) {
  const FeatureSnapshot snapshot = snapshot_of(count_to(1000));
  ASSERT_EQ(snapshot.edges.size(), 9U);
  ASSERT_EQ(snapshot.shares.size(), 11U);
  for (std::size_t bin = 0; bin + 1 < snapshot.shares.size(); ++bin) {
    EXPECT_NEAR(snapshot.shares[bin], 0.1, 0.0011);
  }
  EXPECT_EQ(snapshot.shares.back(), 0);
}

// Most values are one: its bin is greater, and no edge is there twice.
TEST(Drift, HasDistinctEdgesWhereOneValuePrevails) {
  std::vector<float> values(900, 7);
  for (const float value : count_to(100)) values.push_back(100 + value);
  const FeatureSnapshot snapshot = snapshot_of(values);
  EXPECT_EQ(std::adjacent_find(snapshot.edges.begin(), snapshot.edges.end()), snapshot.edges.end());
  EXPECT_TRUE(std::is_sorted(snapshot.edges.begin(), snapshot.edges.end()));
  EXPECT_NEAR(snapshot.shares.front(), 0.9, 0.002);
  EXPECT_NEAR(std::accumulate(snapshot.shares.begin(), snapshot.shares.end(), 0.0), 1, 1e-9);
}

TEST(Drift, CountsAbsentValuesForThemselves) {
  const FeatureSnapshot snapshot = snapshot_of({1, kAbsent, 2, kAbsent});
  EXPECT_THAT(snapshot.edges, ElementsAre(1));
  EXPECT_THAT(snapshot.shares, near({0.25, 0.25, 0.5}));
  const FeatureSnapshot nothing = snapshot_of({kAbsent, kAbsent});
  EXPECT_THAT(nothing.edges, IsEmpty());
  EXPECT_THAT(nothing.shares, near({0, 1}));
}

TEST(Drift, PutsNewValuesIntoTheBinsOfThen) {
  const FeatureSnapshot snapshot = snapshot_of({1, 2, 3});
  ASSERT_THAT(snapshot.edges, ElementsAre(1, 2));
  EXPECT_THAT(shares_in(snapshot, domain_of_two(), 0, rows_of({-50, 1, 1.5, 2, 99, kAbsent, 3, 3})),
              near({0.25, 0.25, 0.375, 0.125}));
  EXPECT_THAT(shares_in(snapshot, domain_of_two(), 0, rows_of({})), near({0, 0, 0, 0}));
}

// A constant that becomes greater is seen; one bin is for it and one for what is above.
TEST(Drift, SeesAConstantChange) {
  const FeatureSnapshot snapshot = snapshot_of({4, 4});
  EXPECT_THAT(snapshot.edges, ElementsAre(4));
  EXPECT_GT(stability_index(snapshot.shares, shares_in(snapshot, domain_of_two(), 0, rows_of({5, 5}))), 1);
}

TEST(StabilityIndex, IsZeroForTheSamePopulation) {
  EXPECT_EQ(stability_index({0.2, 0.3, 0.5}, {0.2, 0.3, 0.5}), 0);
}

TEST(StabilityIndex, IsTheSymmetricDivergence) {
  const std::vector<double> then = {0.5, 0.3, 0.2};
  const std::vector<double> now = {0.4, 0.3, 0.3};
  // 0.1 ln 1.25 + 0 + 0.1 ln 1.5
  EXPECT_NEAR(stability_index(then, now), 0.0628608659, 1e-9);
  EXPECT_NEAR(stability_index(now, then), stability_index(then, now), 1e-12);
}

TEST(StabilityIndex, CountsAnEmptyBinAsATenThousandth) {
  EXPECT_NEAR(stability_index({1, 0}, {0.5, 0.5}), 0.5 * std::log(2) + 0.4999 * std::log(5000), 1e-9);
  EXPECT_TRUE(std::isfinite(stability_index({1, 0}, {0, 1})));
}

}  // namespace
}  // namespace rankloop::ml
