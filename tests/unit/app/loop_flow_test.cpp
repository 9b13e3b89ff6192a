// The arrows of the loop and how well they are.
#include "app/watch/loop_flow.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::Optional;

const WallTime kNow{std::chrono::milliseconds{1'790'000'000'000}};

// A request that was ranked after `ranked`, shown and then picked from, `age` ago.
void add_journey(LoopSnapshot& snapshot, milliseconds age, milliseconds ranked = milliseconds{10}) {
  const WallTime created = kNow - age;
  const TaskId task = TaskId::make(created.time_since_epoch().count(), 0,
                                   static_cast<std::uint64_t>(snapshot.tasks.size()) + 1);
  storage::TaskRecord record;
  record.id = task;
  record.state = TaskState::kSucceeded;
  record.attempt = 1;
  record.created = created;
  record.finished = created + ranked;
  snapshot.tasks.push_back(record);
  storage::ShownRequest shown;
  shown.task = task;
  shown.created = created;
  shown.ranking.model = ModelId{1};
  storage::Feedback pick;
  pick.item = ItemId{3};
  pick.rank = 1;
  pick.at = created + ranked + milliseconds{600};
  shown.feedback = {pick};
  storage::InferenceRecord whole;
  whole.task = task;
  whole.exposures = {{1, 10, created + ranked + milliseconds{100}, ExposureSource::kResults}};
  whole.feedback = shown.feedback;
  snapshot.shown.push_back(std::move(shown));
  snapshot.sample.push_back(std::move(whole));
}

LoopSnapshot snapshot_at_now() {
  LoopSnapshot snapshot;
  snapshot.now = kNow;
  snapshot.minimum = 250;
  return snapshot;
}

storage::ModelRecord model(std::int64_t id, bool champion, std::optional<Verdict> verdict = {}) {
  storage::ModelRecord record;
  record.id = ModelId{id};
  record.champion = champion;
  record.share = champion ? 1 : 0;
  record.verdict = verdict;
  record.created = kNow - hours{1};
  return record;
}

storage::ModelEvent event(ModelEventKind what, std::int64_t of, milliseconds age, std::string detail = {}) {
  storage::ModelEvent made;
  made.at = kNow - age;
  made.what = what;
  made.model = ModelId{of};
  made.detail = std::move(detail);
  return made;
}

const LoopArrow& into(const LoopReport& report, std::string_view step) {
  for (const LoopArrow& arrow : report.arrows) {
    if (arrow.to == step) return arrow;
  }
  ADD_FAILURE() << "no arrow leads to " << step;
  return report.arrows.front();
}

TEST(LoopReport, LeadsOnceAroundTheLoop) {
  const LoopReport report = loop_report(snapshot_at_now());
  ASSERT_EQ(report.arrows.size(), 7U);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(report.arrows[i].to, report.arrows[(i + 1) % 7].from);
  for (const LoopArrow& arrow : report.arrows) {
    EXPECT_EQ(arrow.health, Health::kStill) << arrow.to;
    EXPECT_EQ(arrow.per_second, 0) << arrow.to;
    EXPECT_FALSE(arrow.lag) << arrow.to;
    EXPECT_FALSE(arrow.says.empty()) << arrow.to;
  }
}

TEST(LoopReport, TellsRatesAndLagsOfWhatFlows) {
  LoopSnapshot snapshot = snapshot_at_now();
  for (int i = 0; i < 60; ++i) add_journey(snapshot, seconds{1 + i}, milliseconds{i < 57 ? 10 : 400});
  snapshot.models = {model(1, true)};
  const LoopReport report = loop_report(snapshot);
  // Thirty requests came in half a minute.
  EXPECT_EQ(report.window_seconds, 30);
  for (const char* step : {"scored", "shown", "picked", "requests"}) {
    EXPECT_THAT(into(report, step).per_second, DoubleNear(1, 0.05)) << step;
    EXPECT_EQ(into(report, step).health, Health::kWell) << step;
  }
  EXPECT_THAT(into(report, "scored").lag, Optional(0.01));
  EXPECT_THAT(into(report, "scored").lag_p95, Optional(0.01));
  EXPECT_THAT(into(report, "shown").lag, Optional(0.1));
  EXPECT_THAT(into(report, "picked").lag, Optional(0.5));
}

TEST(LoopReport, SaysThatWorkersAreBehindOrAway) {
  LoopSnapshot snapshot = snapshot_at_now();
  add_journey(snapshot, seconds{1});
  snapshot.waiting = {TaskState::kReady, 12, kNow - seconds{3}};
  EXPECT_EQ(into(loop_report(snapshot), "scored").health, Health::kAttention);
  EXPECT_THAT(into(loop_report(snapshot), "scored").says, HasSubstr("12 wait, the first for 3 s"));
  snapshot.waiting.oldest = kNow - minutes{4};
  EXPECT_EQ(into(loop_report(snapshot), "scored").health, Health::kBroken);
}

TEST(LoopReport, SaysThatTasksFail) {
  LoopSnapshot snapshot = snapshot_at_now();
  for (int i = 0; i < 9; ++i) add_journey(snapshot, seconds{1 + i});
  storage::TaskRecord failed;
  failed.state = TaskState::kFailed;
  failed.created = kNow - seconds{10};
  snapshot.tasks.push_back(failed);
  EXPECT_EQ(into(loop_report(snapshot), "scored").health, Health::kAttention);
  EXPECT_EQ(into(loop_report(snapshot), "scored").says, "1 of the newest 10 failed");
}

TEST(LoopReport, SaysThatNobodyLooksOrPicks) {
  LoopSnapshot snapshot = snapshot_at_now();
  for (int i = 0; i < 60; ++i) add_journey(snapshot, seconds{1 + i});
  for (storage::ShownRequest& request : snapshot.shown) request.feedback.clear();
  EXPECT_EQ(into(loop_report(snapshot), "picked").health, Health::kAttention);
  snapshot.shown.resize(6);
  EXPECT_EQ(into(loop_report(snapshot), "shown").health, Health::kAttention);
  EXPECT_THAT(into(loop_report(snapshot), "shown").says, HasSubstr("only 10 %"));
}

TEST(LoopReport, LeavesImportedHistoryOutOfTheFlow) {
  LoopSnapshot snapshot = snapshot_at_now();
  storage::TaskRecord imported;
  imported.state = TaskState::kSucceeded;
  imported.created = kNow - seconds{1};
  imported.finished = kNow - seconds{1};
  snapshot.tasks = {imported};
  EXPECT_EQ(into(loop_report(snapshot), "scored").per_second, 0);
  EXPECT_EQ(into(loop_report(snapshot), "requests").per_second, 0);
}

TEST(LoopReport, SaysHowTheNextTrainingStands) {
  LoopSnapshot snapshot = snapshot_at_now();
  snapshot.fresh = 12;
  EXPECT_EQ(into(loop_report(snapshot), "trained").says, "12 new outcomes, a training needs 250");
  storage::TaskRecord training;
  training.kind = TaskKind::kTraining;
  training.state = TaskState::kRunning;
  training.created = kNow - minutes{2};
  snapshot.trainings = {training};
  EXPECT_EQ(into(loop_report(snapshot), "trained").health, Health::kWell);
  EXPECT_THAT(into(loop_report(snapshot), "trained").lag, Optional(120.0));
  snapshot.trainings.front().state = TaskState::kSucceeded;
  snapshot.fresh = 1'250;
  EXPECT_EQ(into(loop_report(snapshot), "trained").health, Health::kAttention);
  EXPECT_EQ(into(loop_report(snapshot), "trained").says, "1,250 new outcomes wait for a training");
  snapshot.trainings.front().state = TaskState::kFailed;
  EXPECT_EQ(into(loop_report(snapshot), "trained").health, Health::kBroken);
}

TEST(LoopReport, SaysWhatTheGateDecided) {
  LoopSnapshot snapshot = snapshot_at_now();
  snapshot.models = {model(1, true), model(2, false, Verdict::kReject)};
  snapshot.history = {event(ModelEventKind::kRejected, 2, minutes{1})};
  EXPECT_EQ(into(loop_report(snapshot), "gated").health, Health::kAttention);
  EXPECT_EQ(into(loop_report(snapshot), "gated").says, "model 2 was turned down");
  snapshot.history = {event(ModelEventKind::kPromoted, 2, minutes{1}, R"({"verdict":"promote"})")};
  EXPECT_EQ(into(loop_report(snapshot), "gated").health, Health::kWell);
  EXPECT_THAT(into(loop_report(snapshot), "gated").per_second, DoubleNear(1.0 / 86'400, 1e-9));
}

TEST(LoopReport, SaysThatAModelWaitsForItsPromotion) {
  LoopSnapshot snapshot = snapshot_at_now();
  snapshot.models = {model(1, true), model(2, false, Verdict::kPromote)};
  EXPECT_EQ(into(loop_report(snapshot), "promoted").health, Health::kAttention);
  EXPECT_THAT(into(loop_report(snapshot), "promoted").says, HasSubstr("model 2 passed"));
  // The first model of a domain waits likewise.
  snapshot.models.front().champion = false;
  EXPECT_THAT(into(loop_report(snapshot), "promoted").says, HasSubstr("model 2 passed"));
}

TEST(LoopReport, SaysThatTheChampionDoesNotAnswer) {
  LoopSnapshot snapshot = snapshot_at_now();
  for (int i = 0; i < 60; ++i) add_journey(snapshot, seconds{1 + i});
  snapshot.models = {model(1, false), model(2, true)};
  snapshot.history = {event(ModelEventKind::kPromoted, 2, minutes{10})};
  EXPECT_EQ(into(loop_report(snapshot), "requests").health, Health::kBroken);
  EXPECT_THAT(into(loop_report(snapshot), "requests").lag, Optional(600.0));
  // What was asked before the promotion says nothing.
  snapshot.history = {event(ModelEventKind::kPromoted, 2, seconds{5})};
  EXPECT_EQ(into(loop_report(snapshot), "requests").health, Health::kWell);
}

class LoopFlowTest : public ShownRequests {
 protected:
  void SetUp() override {
    ShownRequests::SetUp();
    write_films(8);
  }
};

TEST_F(LoopFlowTest, ReadsTheLedger) {
  LoopFlow flow(*store_, clock_, {.training = 10, .test_requests = 0});
  pick(shown(20, {1, 2}), 2);
  pick_none(shown(30, {3}));
  answered(40, {4});
  const auto report = flow.report();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_GT(into(*report, "scored").per_second, 0);
  EXPECT_DOUBLE_EQ(into(*report, "scored").per_second * 2, into(*report, "picked").per_second * 3);
  EXPECT_THAT(into(*report, "shown").lag, Optional(0.0));
  EXPECT_EQ(into(*report, "trained").says, "2 new outcomes, a training needs 10");
  const boost::json::value told = json(to_json(*report));
  EXPECT_EQ(told.at("new_outcomes").to_number<int>(), 2);
  // A random order is nobody's; its lists count all the same.
  EXPECT_EQ(told.at("lists").at("shown").to_number<int>(), 2);
  EXPECT_EQ(told.at("lists").at("picked").to_number<int>(), 1);
  EXPECT_EQ(told.at("lists").at("none").to_number<int>(), 1);
  EXPECT_EQ(told.at("arrows").as_array().size(), 7U);
  EXPECT_EQ(told.at("arrows").at(0).at("health").as_string(), "well");
  EXPECT_TRUE(told.at("arrows").at(3).at("lag_seconds").is_null());
}

TEST_F(LoopFlowTest, ReadsAgainAfterASecond) {
  LoopFlow flow(*store_, clock_, {.training = 10, .test_requests = 0});
  ASSERT_TRUE(flow.report());
  shown(20, {1});
  EXPECT_EQ(into(*flow.report(), "shown").per_second, 0);
  clock_.advance(seconds{1});
  EXPECT_GT(into(*flow.report(), "shown").per_second, 0);
}

TEST_F(LoopFlowTest, SeesThatATrainingBeginsAndIsGivenUp) {
  LoopFlow flow(*store_, clock_, {.training = 10, .test_requests = 0});
  EXPECT_FALSE(into(*flow.report(), "trained").lag);
  storage::NewJob training;
  training.kind = traits_of(TaskKind::kTraining);
  training.task = TaskId::make(clock_.wall().time_since_epoch().count(), 7, 7);
  training.arguments = "{}";
  training.at = clock_.wall();
  ASSERT_TRUE(written<storage::TaskRecord>(
      [&](auto done) { store_->start_job(training, std::nullopt, std::move(done)); }));
  clock_.advance(seconds{5});
  EXPECT_EQ(into(*flow.report(), "trained").says, "a training is under way");
  EXPECT_THAT(into(*flow.report(), "trained").lag, Optional(5.0));
  ASSERT_TRUE(written<storage::TaskRecord>(
      [&](auto done) { store_->cancel_task(training.task, "not now", std::nullopt, std::move(done)); }));
  clock_.advance(seconds{5});
  EXPECT_EQ(into(*flow.report(), "trained").says, "0 new outcomes since the last training");
}

}  // namespace
}  // namespace rankloop::app
