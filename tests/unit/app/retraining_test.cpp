// When a training is due by itself.
#include "app/learn/retraining.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ml/model.h"
#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using ::testing::StartsWith;

class RetrainingTest : public ShownRequests {
 protected:
  RetrainingTest() { training_options_.minimum = 4; }

  void serve() {
    write_films(8);
    start_serving();
  }
  // As the maintainer does, some time later. True when a training was scheduled; it is taken and ended
  // without a model, as a dry run is, so that it is in nobody's way.
  bool trains() {
    clock_.advance(std::chrono::seconds{2});
    retraining_->tick();
    if (ended_training()) return true;
    if (retraining_options_.drift == 0) return false;
    // The first look may have asked for a measurement, which the next one finds.
    EXPECT_TRUE(reached([this] { return !drift_->measuring(); }));
    clock_.advance(std::chrono::seconds{2});
    retraining_->tick();
    return ended_training();
  }
  bool ended_training() {
    std::vector<storage::ClaimedTask> claimed;
    // What tick() asked for is committed when a later write is.
    EXPECT_TRUE(written<void>([&](auto done) { store_->count_events({}, std::move(done)); }));
    if (auto tasks = store_->claim(TaskKind::kTraining, {}, 1)) claimed = *std::move(tasks);
    if (claimed.empty()) return false;
    cause_ = json(claimed.front().arguments).at("cause").as_string();
    EXPECT_TRUE(written<ModelId>(
        [&](auto done) { store_->finish_job(claimed.front().lease, {}, clock_.wall(), std::move(done)); }));
    return true;
  }

  std::string cause_;  // of the last training
};

TEST_F(RetrainingTest, NeverTrainsUnlessASettingSaysSo) {
  serve();
  import_frugal(100);
  clock_.advance(std::chrono::hours{1000});
  EXPECT_FALSE(trains());
}

TEST_F(RetrainingTest, TrainsAfterEverySoManyOutcomes) {
  retraining_options_.every = 10;
  serve();
  import_frugal(9);
  EXPECT_FALSE(trains());
  import({imported(30, {1}, {})});  // shown, but without an outcome
  EXPECT_FALSE(trains());
  import_frugal(1);
  EXPECT_TRUE(trains());
  EXPECT_EQ(cause_, "10 new requests with an outcome");
  EXPECT_FALSE(trains());
  import_frugal(9);
  EXPECT_FALSE(trains());
  import_frugal(1);
  EXPECT_TRUE(trains());
}

TEST_F(RetrainingTest, WaitsUntilThereIsEnoughToLearnFrom) {
  training_options_.minimum = 12;
  retraining_options_.every = 10;
  serve();
  import_frugal(11);
  EXPECT_FALSE(trains());
  import_frugal(1);
  EXPECT_TRUE(trains());
}

TEST_F(RetrainingTest, LooksEveryTwoSeconds) {
  retraining_options_.every = 10;
  serve();
  import_frugal(10);
  retraining_->tick();
  clock_.advance(std::chrono::milliseconds{1'999});
  retraining_->tick();
  EXPECT_FALSE(ended_training());
  clock_.advance(std::chrono::milliseconds{1});
  retraining_->tick();
  EXPECT_TRUE(ended_training());
}

TEST_F(RetrainingTest, TrainsSoOften) {
  retraining_options_.interval = std::chrono::hours{1};
  serve();
  import_frugal(10);
  EXPECT_FALSE(trains());
  clock_.advance(std::chrono::hours{1});
  EXPECT_TRUE(trains());
  EXPECT_EQ(cause_, "interval");
  import_frugal(10);
  EXPECT_FALSE(trains());
  clock_.advance(std::chrono::hours{1});
  EXPECT_TRUE(trains());
}

// A second training on the same outcomes could only tell the same.
TEST_F(RetrainingTest, NeedsNewOutcomesHoweverLongItIs) {
  retraining_options_.interval = std::chrono::hours{1};
  serve();
  import_frugal(10);
  clock_.advance(std::chrono::hours{1});
  EXPECT_TRUE(trains());
  clock_.advance(std::chrono::hours{10});
  EXPECT_FALSE(trains());
  import_frugal(1);
  EXPECT_TRUE(trains());
}

TEST_F(RetrainingTest, RemembersTheLastTrainingAcrossARestart) {
  retraining_options_.every = 10;
  serve();
  import_frugal(15);
  add_model(ml::random_model()->save(), false, R"({"trained_until":12,"last":15})");
  add_model(ml::random_model()->save(), false, R"({"trained_until":3,"last":5})");
  restart();
  EXPECT_FALSE(trains());
  import_frugal(9);
  EXPECT_FALSE(trains());
  import_frugal(1);
  EXPECT_TRUE(trains());
}

TEST_F(RetrainingTest, TrainsWhenAFeatureDrifts) {
  retraining_options_.drift = 0.25;
  retraining_options_.minimum = 5;
  serve();
  const std::vector<ml::FeatureSnapshot> snapshots = {{"age", {18}, {1, 0, 0}}};
  add_model(ml::random_model()->save(), true, R"({"last":0,"snapshot":)" + to_json(snapshots) + "}");
  for (int i = 0; i < 4; ++i) import({imported(10, {1}, {{1, 1}})});
  EXPECT_FALSE(trains());
  import({imported(70, {1}, {{1, 1}})});
  clock_.advance(std::chrono::seconds{10});
  EXPECT_TRUE(trains());
  EXPECT_THAT(cause_, StartsWith("drift: a stability index of "));
  clock_.advance(std::chrono::seconds{10});
  EXPECT_FALSE(trains());  // it has drifted still, but nothing is new
}

TEST_F(RetrainingTest, StaysWhenNothingDrifts) {
  retraining_options_.drift = 0.25;
  retraining_options_.minimum = 5;
  serve();
  const std::vector<ml::FeatureSnapshot> snapshots = {{"age", {18}, {1, 0, 0}}};
  add_model(ml::random_model()->save(), true, R"({"last":0,"snapshot":)" + to_json(snapshots) + "}");
  for (int i = 0; i < 10; ++i) import({imported(10, {1}, {{1, 1}})});
  EXPECT_FALSE(trains());
}

TEST_F(RetrainingTest, StartsNoneBesideOneThatWaits) {
  retraining_options_.every = 10;
  serve();
  import_frugal(10);
  clock_.advance(std::chrono::seconds{2});
  retraining_->tick();
  import_frugal(10);
  clock_.advance(std::chrono::seconds{2});
  retraining_->tick();
  EXPECT_TRUE(ended_training());
  EXPECT_FALSE(ended_training());
}

}  // namespace
}  // namespace rankloop::app
