// Drift over windows of requests.
#include "app/watch/drift_history.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/watch/drift.h"
#include "ml/model.h"
#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DriftHistoryTest : public ShownRequests {
 protected:
  void SetUp() override {
    ShownRequests::SetUp();
    write_films(8);
  }
  ModelId add_trained_champion() {
    const std::vector<ml::FeatureSnapshot> snapshots = {{"age", {30}, {0.5, 0.5, 0}},
                                                        {"mood", {1}, {1, 0, 0}}};
    return add_model(ml::random_model()->save(), true, R"({"snapshot":)" + to_json(snapshots) + "}");
  }
  void import_ages(int count, int age) {
    std::vector<storage::ImportedRequest> requests;
    for (int i = 0; i < count; ++i) requests.push_back(imported(age, {1, 2}, {{1, 1}}));
    import(std::move(requests));
  }
  DriftHistoryReport report() {
    DriftHistory history(*domain_, *store_, clock_);
    const auto report = history.report();
    EXPECT_TRUE(report) << report.error().message;
    return report ? *report : DriftHistoryReport{};
  }
};

TEST_F(DriftHistoryTest, IsEmptyWithoutAChampionOrRequests) {
  shown(30, {1});
  EXPECT_EQ(report().model, ModelId{0});
  EXPECT_THAT(report().windows, IsEmpty());
}

TEST_F(DriftHistoryTest, EndsEarlyWhenTheServerStops) {
  add_trained_champion();
  shown(20, {1});
  std::stop_source ending;
  DriftHistory history(*domain_, *store_, clock_);
  ending.request_stop();
  const auto report = history.report(ending.get_token());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kAborted);
}

TEST_F(DriftHistoryTest, IsOneWindowOfFewRequests) {
  const ModelId champion = add_trained_champion();
  shown(20, {1});
  clock_.advance(std::chrono::minutes{1});
  shown(40, {2, 3});
  const DriftHistoryReport told = report();
  EXPECT_EQ(told.model, champion);
  ASSERT_THAT(told.snapshots, SizeIs(1));  // the domain has no feature "mood"
  ASSERT_THAT(told.windows, SizeIs(1));
  EXPECT_EQ(told.windows[0].requests, 2);
  EXPECT_EQ(told.windows[0].until - told.windows[0].from, std::chrono::minutes{1});
  EXPECT_THAT(told.windows[0].shares[0],
              ElementsAre(DoubleNear(1.0 / 3, 1e-9), DoubleNear(2.0 / 3, 1e-9), 0));
}

TEST_F(DriftHistoryTest, ShowsWhenAFeatureBeganToChange) {
  add_trained_champion();
  for (const int age : {20, 40, 20, 40}) import_ages(100, age);
  import_ages(200, 60);
  const DriftHistoryReport told = report();
  ASSERT_THAT(told.windows, SizeIs(3));
  for (const DriftWindow& window : told.windows) EXPECT_EQ(window.requests, 200);
  EXPECT_NEAR(told.windows[0].indexes[0], 0, 1e-9);
  EXPECT_NEAR(told.windows[1].indexes[0], 0, 1e-9);
  EXPECT_GT(told.windows[2].indexes[0], 1);
}

TEST_F(DriftHistoryTest, HasAtMostTwentyWindows) {
  add_trained_champion();
  for (int i = 0; i < 11; ++i) import_ages(400, 20);
  EXPECT_THAT(report().windows, SizeIs(20));
}

TEST_F(DriftHistoryTest, IsToldAsJson) {
  EXPECT_TRUE(json(to_json(DriftHistoryReport{})).at("model_id").is_null());
  add_trained_champion();
  for (int i = 0; i < 4; ++i) import_ages(100, 20);
  const boost::json::value told = json(to_json(report()));
  EXPECT_EQ(told.at("windows").as_array().size(), 2U);
  const boost::json::value& age = told.at("features").at(0);
  EXPECT_EQ(age.at("feature").as_string(), "age");
  EXPECT_EQ(age.at("stability_indexes").as_array().size(), 2U);
  EXPECT_EQ(age.at("window_shares").at(1).at(0).to_number<double>(), 1);
}

}  // namespace
}  // namespace rankloop::app
