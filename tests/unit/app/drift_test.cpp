// Drift of requests and of items against the champion's training.
#include "app/watch/drift.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ml/model.h"
#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using ::testing::ElementsAre;

class DriftTest : public ShownRequests {
 protected:
  void SetUp() override {
    ShownRequests::SetUp();
    write_films(8);
    start_serving();
  }
  DriftReport report() {
    const auto report = drift_->report();
    EXPECT_TRUE(report) << report.error().message;
    return report ? *report : DriftReport{};
  }
  // A champion that was trained on ages half up to 30 and half above, on prices of up to 4 only.
  ModelId add_trained_champion() {
    const std::vector<ml::FeatureSnapshot> snapshots = {{"age", {30}, {0.5, 0.5, 0}},
                                                        {"price", {4}, {1, 0, 0}}};
    return add_model(ml::random_model()->save(), true, R"({"snapshot":)" + to_json(snapshots) + "}");
  }
};

TEST_F(DriftTest, HasNothingToCompareWithoutAChampionOrItsSnapshot) {
  shown(30, {1});
  EXPECT_EQ(report().model, ModelId{0});
  add_model(ml::random_model()->save(), true);
  clock_.advance(std::chrono::minutes{1});
  const DriftReport none = report();
  EXPECT_EQ(none.model, ModelId{0});
  EXPECT_TRUE(none.features.empty());
  EXPECT_EQ(none.greatest(), 0);
}

TEST_F(DriftTest, KnowsItsIndicesUntilAnotherProcessMustBeMeasuring) {
  add_trained_champion();
  for (int i = 0; i < kTellingRequests; ++i) shown(20, {1, 2});
  EXPECT_TRUE(drift_->indices().empty());
  const DriftReport report = this->report();
  clock_.advance(std::chrono::minutes{10});
  const std::vector<telemetry::Readings::Drift> told = drift_->indices();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].feature, "age");
  EXPECT_EQ(told[0].side, "request");
  EXPECT_EQ(told[0].stability_index, report.features[0].index);
  EXPECT_EQ(told[1].feature, "price");
  EXPECT_EQ(told[1].side, "item");
  clock_.advance(std::chrono::minutes{2});
  EXPECT_TRUE(drift_->indices().empty());
}

TEST_F(DriftTest, ComparesTheTrainingWithTheNewestRequests) {
  const ModelId champion = add_trained_champion();
  shown(20, {1, 2});
  shown(40, {3, 8});  // whatever became of it
  const DriftReport report = this->report();
  EXPECT_EQ(report.model, champion);
  EXPECT_EQ(report.requests, 2);
  EXPECT_EQ(report.rows, 4);
  ASSERT_EQ(report.features.size(), 2U);
  EXPECT_EQ(report.features[0].then.feature, "age");
  EXPECT_THAT(report.features[0].now, ElementsAre(0.5, 0.5, 0));
  EXPECT_NEAR(report.features[0].index, 0, 1e-12);
  EXPECT_THAT(report.features[1].now, ElementsAre(0.75, 0.25, 0));
  // (0.75 - 1) ln 0.75 + (0.25 - 0.0001) ln (0.25 / 0.0001): the empty bin counts as 0.0001.
  EXPECT_NEAR(report.features[1].index, 2.0271496, 1e-6);
}

TEST_F(DriftTest, IsAlarmedByWhoAsksAndNotByWhatWasShown) {
  add_trained_champion();
  shown(20, {8});
  shown(40, {8});  // half of the ages as before, no price as before
  EXPECT_GT(report().features[1].index, 1);
  EXPECT_NEAR(report().greatest(), 0, 1e-12);
  shown(20, {1});
  clock_.advance(std::chrono::seconds{10});
  EXPECT_EQ(report().features[0].side, Side::kRequest);
  EXPECT_GT(report().greatest(), 0.01);
}

TEST_F(DriftTest, LeavesTooFewRequestsOutOfTheMetrics) {
  add_trained_champion();
  for (int i = 1; i < kTellingRequests; ++i) shown(20, {1});
  EXPECT_EQ(report().requests, kTellingRequests - 1);
  EXPECT_TRUE(drift_->indices().empty());
}

TEST_F(DriftTest, LeavesOutFeaturesThatTheDomainNoLongerHas) {
  const std::vector<ml::FeatureSnapshot> snapshots = {{"age", {30}, {1, 0, 0}}, {"mood", {1}, {1, 0, 0}}};
  add_model(ml::random_model()->save(), true, R"({"snapshot":)" + to_json(snapshots) + "}");
  shown(20, {1});
  ASSERT_EQ(report().features.size(), 1U);
}

TEST_F(DriftTest, MeasuresAgainAfterTenSeconds) {
  add_trained_champion();
  shown(20, {1});
  EXPECT_EQ(report().rows, 1);
  shown(21, {1, 2});
  clock_.advance(std::chrono::milliseconds{9'999});
  EXPECT_EQ(report().rows, 1);
  clock_.advance(std::chrono::milliseconds{1});
  EXPECT_EQ(report().rows, 3);
}

TEST_F(DriftTest, HasNoFeaturesWithoutRequests) {
  add_trained_champion();
  EXPECT_EQ(report().rows, 0);
  EXPECT_TRUE(report().features.empty());
}

TEST_F(DriftTest, IsToldAsJson) {
  EXPECT_TRUE(json(to_json(DriftReport{})).at("model_id").is_null());
  const ModelId champion = add_trained_champion();
  shown(20, {1});
  const boost::json::value told = json(to_json(report()));
  EXPECT_EQ(told.at("model_id").to_number<std::int64_t>(), champion.value);
  EXPECT_EQ(told.at("rows").to_number<int>(), 1);
  const boost::json::value& age = told.at("features").at(0);
  EXPECT_EQ(age.at("feature").as_string(), "age");
  EXPECT_EQ(age.at("side").as_string(), "request");
  EXPECT_EQ(told.at("telling_requests").to_number<std::int64_t>(), kTellingRequests);
  EXPECT_EQ(age.at("edges").as_array().size(), 1U);
  EXPECT_EQ(age.at("shares").as_array().size(), 3U);
  EXPECT_EQ(age.at("recent").at(0).to_number<double>(), 1);
  EXPECT_GT(age.at("stability_index").to_number<double>(), 0);
}

}  // namespace
}  // namespace rankloop::app
