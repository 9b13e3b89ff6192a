// Trainings from the ledger to the gate.
#include "app/learn/training.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ml/model.h"
#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TrainingTest : public ShownRequests {
 protected:
  TrainingTest() {
    training_options_.minimum = 20;
    training_options_.dataset = {
        .window = 1000, .test_share = 0.5, .validation_share = 0.2, .judge_imported = true};
    training_options_.gate.min_requests = 40;
    training_options_.gate.resamples = 200;
    training_options_.gate.most_latency_ratio = 1e6;  // how fast a busy machine scores decides nothing here
  }

  // The catalog has eight films; requests 1..count have an outcome.
  void serve_with_outcomes(int count) {
    write_films(8);
    if (count > 0) import_frugal(count);
    start_serving();
  }
  // A training with all settings preset but these.
  static TrainingRequest wanted(std::string family = "logistic") {
    return {std::move(family), 1000, true, false, "request", {}};
  }
  Result<storage::TaskRecord> start(const TrainingRequest& request) {
    return written<storage::TaskRecord>(
        [&](auto done) { training_->start(request, std::nullopt, std::nullopt, std::move(done)); });
  }
  storage::ClaimedTask claimed(const TrainingRequest& request) {
    EXPECT_TRUE(start(request));
    const auto tasks = store_->claim(TaskKind::kTraining, {}, 1);
    EXPECT_TRUE(tasks && tasks->size() == 1);
    return tasks && !tasks->empty() ? tasks->front() : storage::ClaimedTask{};
  }
  // Runs a training to its end; what its task has become.
  storage::TaskRecord trained(const TrainingRequest& request) {
    const storage::ClaimedTask task = claimed(request);
    training_->run(task, {});
    EXPECT_TRUE(reached([&] { return store_->task(task.lease.task)->state != TaskState::kRunning; }));
    return *store_->task(task.lease.task);
  }
  storage::ModelRecord model(ModelId id) {
    const auto models = store_->models();
    EXPECT_TRUE(models);
    const auto found =
        std::find_if(models->begin(), models->end(), [&](const auto& record) { return record.id == id; });
    EXPECT_NE(found, models->end());
    return found == models->end() ? storage::ModelRecord{} : *found;
  }
  void count_commits() {
    options_.metrics = &metrics_.storage;
    store_.reset();
    open_store();
  }
  // Whose file is gone takes no writes, like a store whose disk is full.
  void take_store_away() { std::filesystem::rename(file(), file() += ".away"); }
  void bring_store_back() { std::filesystem::rename(file() += ".away", file()); }
  std::filesystem::path file() const { return folder_.path() / "rankloop.db"; }
  boost::json::value gate_of(ModelId id) { return json(model(id).detail); }
  std::vector<std::string> history() {
    std::vector<std::string> events;
    const auto all = store_->model_history(std::nullopt, 100);
    EXPECT_TRUE(all);
    for (const storage::ModelEvent& event : *all) events.emplace_back(name_of(event.what));
    return events;
  }
  Error fault_of(std::string_view body) {
    const auto request = training_->check(json(body));
    EXPECT_FALSE(request) << body;
    return request ? Error{} : request.error();
  }
};

// ---- Is there enough to learn from? ----

TEST_F(TrainingTest, AsksForItemsFirst) {
  start_serving();
  const Status enough = training_->enough_evidence();
  ASSERT_FALSE(enough);
  EXPECT_EQ(enough.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(
      enough.error().message,
      "Too little to learn from: 0 of 20 requests with an outcome; the catalog is empty: add films first "
      "(POST /items:import). For the 40 test requests that a promotion needs, about 80 have to end with a "
      "pick");
}

TEST_F(TrainingTest, AsksForShownResultsNext) {
  serve_with_outcomes(0);
  EXPECT_EQ(
      training_->enough_evidence().error().message,
      "Too little to learn from: 0 of 20 requests with an outcome; nothing was shown yet: ask for a "
      "ranking, read its results, and report what was picked. For the 40 test requests that a promotion "
      "needs, about 80 have to end with a pick");
}

TEST_F(TrainingTest, AsksForOutcomesThen) {
  serve_with_outcomes(19);
  import({imported(30, {1, 2}, {})});
  EXPECT_EQ(
      training_->enough_evidence().error().message,
      "Too little to learn from: 19 of 20 requests with an outcome (20 or more were shown; report what was "
      "picked, "
      "or -1 for none, with PUT /inference/select/). For the 40 test requests that a promotion needs, about "
      "80 have to end with a pick");
  import({imported(30, {1, 2}, {{2, 1}})});
  EXPECT_TRUE(training_->enough_evidence());
}

// ---- What may be asked for? ----

TEST_F(TrainingTest, PresetsWhatARequestDoesNotSay) {
  training_options_.family = "popularity";
  training_options_.promote = false;
  start_serving();
  for (const char* body : {"null", "{}"}) {
    const auto request = training_->check(json(body));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->family, "popularity");
    EXPECT_EQ(request->window, 1000);
    EXPECT_FALSE(request->promote);
    EXPECT_FALSE(request->dry_run);
    EXPECT_EQ(request->cause, "request");
  }
}

TEST_F(TrainingTest, TakesEveryPartOfARequest) {
  start_serving();
  const auto request =
      training_->check(json(R"({"family":"gbdt","window":20,"promote":"manual","dry_run":true})"));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->family, "gbdt");
  EXPECT_EQ(request->window, 20);
  EXPECT_FALSE(request->promote);
  EXPECT_TRUE(request->dry_run);
  EXPECT_TRUE(training_->check(json(R"({"promote":"auto"})"))->promote);
}

TEST_F(TrainingTest, NamesEveryFaultOfARequest) {
  start_serving();
  const Error error = fault_of(R"({"family":"oracle","window":19,"promote":"yes","dry_run":1})");
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  std::vector<std::string> places;
  for (const FieldFault& fault : error.faults) places.push_back(fault.loc.back());
  EXPECT_THAT(places, ElementsAre("family", "window", "promote", "dry_run"));
  EXPECT_THAT(error.faults[0].msg, HasSubstr("random, popularity, logistic"));
  EXPECT_THAT(error.faults[1].msg, HasSubstr("20 or more"));
  for (const char* body :
       {"[]", "7", R"({"family":7})", R"({"window":20.5})", R"({"window":"20"})", R"({"window":-1})",
        R"({"promote":true})", R"({"dry_run":"true"})", R"({"family":null})"}) {
    EXPECT_EQ(fault_of(body).code, ErrorCode::kInvalidArgument) << body;
  }
}

TEST_F(TrainingTest, TakesHyperparametersOfTheFamilyWithinTheirBounds) {
  start_serving();
  const auto request = training_->check(json(R"({"family":"gbdt","hyperparameters":{"gbdt.depth":8}})"));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->hyperparameters, (ml::Hyperparameters{{"gbdt.depth", 8}}));
  const auto message = [&](const std::string& given) {
    const Error error = fault_of(R"({"family":"gbdt","hyperparameters":)" + given + "}");
    return error.faults.empty() ? "" : error.faults.front().msg;
  };
  EXPECT_THAT(message(R"({"gbdt.dept":8})"), HasSubstr("is 'gbdt.depth' meant?"));
  EXPECT_THAT(message(R"({"gbdt.depth":13})"),
              HasSubstr("'gbdt.depth' is 13; allowed is a whole number from 0 to 12"));
  EXPECT_THAT(message(R"({"gbdt.depth":2.5})"), HasSubstr("whole number"));
  EXPECT_THAT(message(R"({"gbdt.depth":"8"})"), HasSubstr("valid number"));
  EXPECT_THAT(message(R"({"mlp.epochs":8})"), HasSubstr("not of the family gbdt"));
  EXPECT_THAT(message("[]"), HasSubstr("dictionary"));
}

TEST_F(TrainingTest, WaitsForOneTrainingAtATime) {
  start_serving();
  const auto first =
      start({"popularity", 77, false, true, "every 20 outcomes", {{"popularity.prior_showings", 9}}});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->kind, TaskKind::kTraining);
  const boost::json::value kept = json(first->arguments);
  EXPECT_EQ(kept.at("family").as_string(), "popularity");
  EXPECT_EQ(kept.at("window").to_number<int>(), 77);
  EXPECT_FALSE(kept.at("promote").as_bool());
  EXPECT_TRUE(kept.at("dry_run").as_bool());
  EXPECT_EQ(kept.at("cause").as_string(), "every 20 outcomes");
  EXPECT_EQ(kept.at("hyperparameters").at("popularity.prior_showings").to_number<int>(), 9);
  const auto second = start(wanted());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kFailedPrecondition);
}

// ---- From outcomes to a model ----

TEST_F(TrainingTest, MakesAModelThatAnswersWhenItIsBetter) {
  serve_with_outcomes(120);
  const storage::TaskRecord task = trained(wanted("popularity"));
  ASSERT_EQ(task.state, TaskState::kSucceeded) << task.error;
  const storage::ModelRecord made = model(task.model);
  EXPECT_EQ(made.verdict, Verdict::kPromote);
  EXPECT_TRUE(made.champion);
  EXPECT_TRUE(reached([&] { return metrics_.training.promoted->Value() == 1; }));
  EXPECT_THAT(history(), ElementsAre("promoted"));
  const boost::json::value gate = gate_of(made.id);
  EXPECT_EQ(gate.at("verdict").as_string(), "promote");
  EXPECT_GT(gate.at("delta").to_number<double>(), 0);
  EXPECT_EQ(gate.at("n_requests").to_number<int>(), 60);
  EXPECT_EQ(gate.at("n_people").to_number<int>(), 60);
  EXPECT_TRUE(reached([&] { return serving_->current()->champion.id == made.id; }));
}

TEST_F(TrainingTest, KeepsWithAModelWhatItWasMadeFrom) {
  serve_with_outcomes(120);
  const storage::ModelRecord made = model(trained(wanted("logistic")).model);
  EXPECT_EQ(made.domain_version, 1);
  EXPECT_TRUE(json(made.metrics).at("train").is_object());
  EXPECT_TRUE(json(made.metrics).at("test").is_object());
  const boost::json::value lineage = json(made.lineage);
  EXPECT_EQ(lineage.at("requests").to_number<int>(), 120);
  EXPECT_EQ(lineage.at("trained_until").to_number<int>(), 0);  // of our own there are none
  EXPECT_EQ(lineage.at("imported_last").to_number<int>(), 60);
  EXPECT_EQ(lineage.at("imported").to_number<int>(), 120);
  EXPECT_EQ(lineage.at("last").to_number<int>(), 120);
  EXPECT_EQ(lineage.at("window").to_number<int>(), 1000);
  EXPECT_EQ(lineage.at("cause").as_string(), "request");
  EXPECT_EQ(lineage.at("features").as_string(), domain_->feature_fingerprint);
  EXPECT_EQ(lineage.at("snapshot").as_array().size(), domain_->features.size());
  EXPECT_TRUE(lineage.at("curve").is_array());
}

TEST_F(TrainingTest, PromotesALogisticModelThatHasFoundThePrice) {
  serve_with_outcomes(120);
  const storage::ModelRecord made = model(trained(wanted("logistic")).model);
  EXPECT_EQ(made.family, "logistic");
  EXPECT_EQ(made.verdict, Verdict::kPromote);
  EXPECT_EQ(made.feature_fingerprint, domain_->feature_fingerprint);
  const auto loaded = ml::load_model(*store_->artefact(made.artefact_hash), *domain_);
  ASSERT_TRUE(loaded);
  const std::vector<float> rows = {30, 1, 30, 8};
  std::vector<float> scores(2);
  (*loaded)->score_features({rows, 2, {}}, 0, scores);
  EXPECT_GT(scores[0], scores[1]);
}

// A challenger that is no better, and no worse, than the champion it meets.
TEST_F(TrainingTest, RejectsWhatIsNoBetterAndCountsTheLooks) {
  serve_with_outcomes(120);
  const ModelId first = trained(wanted("random")).model;
  EXPECT_EQ(model(first).verdict, Verdict::kReject);
  EXPECT_FALSE(model(first).champion);
  EXPECT_EQ(gate_of(first).at("delta").to_number<double>(), 0);
  EXPECT_EQ(gate_of(first).at("looks").to_number<int>(), 1);
  const ModelId second = trained(wanted("random")).model;
  EXPECT_EQ(gate_of(second).at("looks").to_number<int>(), 2);
  EXPECT_TRUE(reached([&] { return metrics_.training.rejected->Value() == 2; }));
  EXPECT_THAT(history(), ElementsAre("rejected", "rejected"));
  EXPECT_EQ(serving_->current()->champion.id, ModelId{0});
}

// The champion of a new store draws an order for each request; one order for all of them would be worth
// nothing, or all, by chance.
TEST_F(TrainingTest, MeetsARandomOrderThatIsDrawnForEachRequest) {
  write_films(8);
  for (int r = 0; r < 3; ++r) {
    std::vector<storage::ImportedRequest> requests;
    for (int i = 0; i < 40; ++i) requests.push_back(imported(30 + i, {1, 2}, {{1, 1}}));
    import(std::move(requests));
  }
  start_serving();
  // NDCG is 1 where the pick comes first and 1 / log2(3) where it comes second; the middle is 0.815.
  const double champion = gate_of(trained(wanted("popularity")).model).at("champion").to_number<double>();
  EXPECT_GT(champion, 0.7);
  EXPECT_LT(champion, 0.93);
}

TEST_F(TrainingTest, SaysSoWhenTheTestRequestsAreTooFew) {
  training_options_.gate.min_requests = 61;
  serve_with_outcomes(120);
  const ModelId id = trained(wanted("popularity")).model;
  EXPECT_EQ(model(id).verdict, Verdict::kInsufficientEvidence);
  EXPECT_FALSE(model(id).champion);
  EXPECT_TRUE(reached([&] { return metrics_.training.insufficient->Value() == 1; }));
  EXPECT_THAT(history(), ElementsAre("insufficient_evidence"));
}

TEST_F(TrainingTest, LeavesThePromotionToPeopleWhenAsked) {
  serve_with_outcomes(120);
  TrainingRequest request = wanted("popularity");
  request.promote = false;
  const ModelId id = trained(request).model;
  EXPECT_EQ(model(id).verdict, Verdict::kPromote);
  EXPECT_FALSE(model(id).champion);
  EXPECT_THAT(history(), ElementsAre("trained"));
}

TEST_F(TrainingTest, KeepsNoModelOfADryRun) {
  serve_with_outcomes(120);
  TrainingRequest request = wanted("popularity");
  request.dry_run = true;
  const storage::TaskRecord task = trained(request);
  EXPECT_EQ(task.state, TaskState::kSucceeded);
  EXPECT_EQ(task.model, ModelId{0});
  EXPECT_TRUE(store_->models()->empty());
  EXPECT_TRUE(history().empty());
  EXPECT_TRUE(reached([&] { return metrics_.training.promoted->Value() == 1; }));
}

// Half of 120 requests test; the champion has learned from the first 80, so 40 are left to judge on.
TEST_F(TrainingTest, JudgesOnRequestsThatTheChampionHasNotLearnedFrom) {
  write_films(8);
  import_frugal(120);
  add_model(ml::random_model()->save(), true, R"({"trained_until":80,"last":80})");
  start_serving();
  const ModelId id = trained(wanted("popularity")).model;
  const boost::json::value gate = gate_of(id);
  EXPECT_EQ(gate.at("n_requests").to_number<int>() + gate.at("left_out").to_number<int>(), 40);
  EXPECT_EQ(gate.at("logged_by").at(0).at("requests").to_number<int>(), 40);
  EXPECT_EQ(model(id).verdict, Verdict::kPromote);
}

TEST_F(TrainingTest, HasNoEvidenceWhenTheChampionHasLearnedFromAll) {
  write_films(8);
  import_frugal(120);
  const ModelId champion = add_model(ml::random_model()->save(), true, R"({"trained_until":120,"last":120})");
  start_serving();
  const storage::TaskRecord task = trained(wanted("popularity"));
  ASSERT_EQ(task.state, TaskState::kSucceeded) << task.error;
  EXPECT_EQ(gate_of(task.model).at("n_requests").to_number<int>(), 0);
  EXPECT_EQ(model(task.model).verdict, Verdict::kInsufficientEvidence);
  EXPECT_TRUE(model(champion).champion);
}

TEST_F(TrainingTest, LearnsFromTheNewestRequestsOfTheWindow) {
  serve_with_outcomes(120);
  TrainingRequest request = wanted("popularity");
  request.window = 30;
  const boost::json::value lineage = json(model(trained(request).model).lineage);
  EXPECT_EQ(lineage.at("requests").to_number<int>(), 30);
  EXPECT_EQ(lineage.at("first").to_number<int>(), 91);
}

TEST_F(TrainingTest, MakesTheSameModelOfTheSameOutcomes) {
  serve_with_outcomes(60);
  TrainingRequest request = wanted("logistic");
  request.promote = false;
  const storage::ModelRecord first = model(trained(request).model);
  const storage::ModelRecord second = model(trained(request).model);
  EXPECT_EQ(first.artefact_hash, second.artefact_hash);
  EXPECT_EQ(json(first.lineage).at("hash"), json(second.lineage).at("hash"));
}

TEST_F(TrainingTest, TellsInOneHashWhatTheModelDependsOn) {
  serve_with_outcomes(60);
  TrainingRequest request = wanted("logistic");
  request.promote = false;
  const boost::json::value listwise = json(model(trained(request).model).lineage);
  request.hyperparameters["logistic.penalty"] = 5;
  const boost::json::value told = json(model(trained(request).model).lineage);
  EXPECT_EQ(listwise.at("objective").as_string(), "listwise");
  EXPECT_EQ(told.at("hyperparameters").at("logistic.penalty").to_number<double>(), 5);
  EXPECT_NE(listwise.at("hash"), told.at("hash"));
  training_options_.objective = ml::Objective::kLogistic;
  training_ =
      std::make_unique<Training>(domain_, 1, training_options_, *store_, *serving_, metrics_, log_, clock_);
  const boost::json::value rows = json(model(trained(request).model).lineage);
  EXPECT_EQ(rows.at("objective").as_string(), "logistic");
  EXPECT_NE(rows.at("hash"), told.at("hash"));
}

// ---- What the lists can tell ----

TEST_F(TrainingTest, LetsImportedHistoryTrainButNotJudge) {
  training_options_.dataset.judge_imported = false;
  serve_with_outcomes(120);
  const ModelId id = trained(wanted("popularity")).model;
  EXPECT_EQ(model(id).verdict, Verdict::kInsufficientEvidence);
  EXPECT_EQ(gate_of(id).at("n_requests").to_number<int>(), 0);
  EXPECT_THAT(model(id).detail, HasSubstr("120 imported requests train and do not judge (gate.imported)."));
  EXPECT_THAT(model(id).detail, HasSubstr("requests with an outcome are needed; there are 120."));
}

TEST_F(TrainingTest, JudgesByRandomOrdersAloneWhereTheyAreEnough) {
  training_options_.gate.most_calibration_error = 1;  // a hundred outcomes calibrate nothing
  write_films(8);
  Ranking random;
  random.policy = Policy::uniform();
  const auto any_order = [&](int r) {
    std::vector<std::int64_t> items{1 + r % 4, 8, 7, 6};
    std::ranges::rotate(items, items.begin() + r / 4 % 4);
    return shown(30, items, random);
  };
  for (int r = 0; r < 80; ++r) pick(any_order(r), 1 + r % 4);
  for (int r = 0; r < 80; ++r) {
    pick(shown(30, {6, 7, 8, 1 + r % 4}), 6);
    pick(any_order(r), 1 + r % 4);
  }
  start_serving();
  const boost::json::value gate = gate_of(trained(wanted("popularity")).model);
  EXPECT_EQ(gate.at("basis").as_string(), "randomised");
  EXPECT_EQ(gate.at("randomised_share").to_number<double>(), 1);
  EXPECT_TRUE(gate.at("own_top_shown").is_null());
  EXPECT_EQ(gate.at("verdict").as_string(), "promote") << boost::json::serialize(gate);
}

// Everybody picks the last of what a model puts first; a model that has learned it would show others.
TEST_F(TrainingTest, DoesNotPromoteByListsThatLackWhatTheModelWouldShow) {
  training_options_.gate.min_requests = 20;
  write_films(40);
  for (int r = 0; r < 60; ++r) pick(shown(30, {31 + r % 5, 37, 38}), 31 + r % 5);
  for (int r = 0; r < 60; ++r) pick(shown(30, {40, 39, 31}), 31);
  start_serving();
  const ModelId id = trained(wanted("popularity")).model;
  const boost::json::value gate = gate_of(id);
  EXPECT_EQ(gate.at("basis").as_string(), "uncorrected");
  EXPECT_NE(model(id).verdict, Verdict::kPromote);
}

TEST_F(TrainingTest, FitsRowsAndJudgesByLoglossWhereListsHoldOneItem) {
  write_films(8);
  for (int r = 0; r < 160; ++r) {
    const Asked asked = shown(30, {1 + r % 8});
    r % 8 < 4 ? pick(asked, 1 + r % 8) : pick_none(asked);
  }
  start_serving();
  const storage::TaskRecord task = trained(wanted("logistic"));
  ASSERT_EQ(task.state, TaskState::kSucceeded) << task.error;
  const ModelId id = task.model;
  EXPECT_EQ(gate_of(id).at("metric").as_string(), "logloss");
  EXPECT_THAT(model(id).detail, HasSubstr("there is no order to learn"));
  const auto loaded = ml::load_model(*store_->artefact(model(id).artefact_hash), *domain_);
  std::vector<float> scores(2);
  (*loaded)->score_features({std::vector<float>{30, 1, 30, 8}, 2, {}}, 0, scores);
  EXPECT_GT(scores[0], scores[1] + 0.2F);
}

// ---- When it comes to nothing ----

TEST_F(TrainingTest, FailsWithTheReasonWhenThereIsTooLittleToLearnFrom) {
  serve_with_outcomes(19);
  ::testing::internal::CaptureStderr();
  const storage::TaskRecord task = trained(wanted());
  ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(task.state, TaskState::kFailed);
  EXPECT_EQ(task.error, "Too little to learn from: 19 of 20 requests with an outcome");
  EXPECT_TRUE(reached([&] { return metrics_.training.failed->Value() == 1; }));
  EXPECT_TRUE(store_->models()->empty());
}

TEST_F(TrainingTest, GivesItsTaskBackUnharmedWhenTheWorkerEnds) {
  serve_with_outcomes(60);
  const storage::ClaimedTask task = claimed(wanted());
  std::stop_source stop;
  stop.request_stop();
  training_->run(task, stop.get_token());
  const auto record = store_->task(task.lease.task);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->state, TaskState::kReady);
  EXPECT_EQ(record->attempt, 0);
  EXPECT_EQ(metrics_.training.failed->Value(), 0);
  EXPECT_TRUE(store_->models()->empty());
}

TEST_F(TrainingTest, LeavesNoModelOfACancelledTask) {
  training_options_.heartbeat = std::chrono::milliseconds{1};
  serve_with_outcomes(60);
  const storage::ClaimedTask task = claimed(wanted());
  ASSERT_TRUE(written<storage::TaskRecord>(
      [&](auto done) { tasks_->cancel(task.lease.task, std::nullopt, std::move(done)); }));
  training_->run(task, {});
  EXPECT_EQ(store_->task(task.lease.task)->state, TaskState::kCancelled);
  EXPECT_TRUE(store_->models()->empty());
  EXPECT_EQ(metrics_.training.failed->Value(), 0);
}

TEST_F(TrainingTest, RunsAgainAfterAProcessThatDiedOverIt) {
  serve_with_outcomes(60);
  const TaskId id = claimed(wanted("popularity")).lease.task;
  restart();
  const auto again = store_->claim(TaskKind::kTraining, {}, 1);
  ASSERT_TRUE(again && again->size() == 1);
  EXPECT_EQ(again->front().lease.task, id);
  training_->run(again->front(), {});
  EXPECT_EQ(store_->task(id)->state, TaskState::kSucceeded);
  EXPECT_EQ(store_->models()->size(), 1U);
}

TEST_F(TrainingTest, LosesNothingWhenTheStoreTakesNoMoreWritesUntilTheProcessEnds) {
  training_options_.commits = 1;
  serve_with_outcomes(60);
  const storage::ClaimedTask task = claimed(wanted("popularity"));
  store_->close();
  std::stop_source ending;
  std::thread training([&] { training_->run(task, ending.get_token()); });
  EXPECT_TRUE(reached([&] { return metrics_.training.failed->Value() > 0; }));
  ending.request_stop();
  training.join();
  EXPECT_EQ(metrics_.training.promoted->Value() + metrics_.training.insufficient->Value(), 0);
  restart();
  EXPECT_TRUE(store_->models()->empty());
  EXPECT_EQ(store_->task(task.lease.task)->state, TaskState::kReady);
}

TEST_F(TrainingTest, LeavesTheVerdictOfADryRunWithItsTask) {
  serve_with_outcomes(100);
  TrainingRequest request = wanted();
  request.dry_run = true;
  const storage::TaskRecord dry = trained(request);
  EXPECT_EQ(dry.state, TaskState::kSucceeded);
  EXPECT_EQ(dry.model, ModelId{});
  ASSERT_TRUE(dry.verdict);
  EXPECT_EQ(json(dry.detail).at("verdict").as_string(), name_of(*dry.verdict));
  EXPECT_TRUE(store_->models()->empty());
  const storage::TaskRecord kept = trained(wanted());
  EXPECT_EQ(kept.verdict, model(kept.model).verdict);
  EXPECT_EQ(kept.detail, "");  // the model has it
}

TEST_F(TrainingTest, OffersATrainedModelAgainWhileTheStoreCannotWrite) {
  training_options_.between_commits = std::chrono::milliseconds{1};
  training_options_.commits = 1'000'000;
  count_commits();
  serve_with_outcomes(60);
  const storage::ClaimedTask task = claimed(wanted());
  take_store_away();
  ::testing::internal::CaptureStderr();
  std::thread training([&] { training_->run(task, {}); });
  EXPECT_TRUE(reached([&] { return metrics_.storage.commit_failures->Value() > 3; }));
  EXPECT_EQ(store_->task(task.lease.task)->state, TaskState::kRunning);
  bring_store_back();
  training.join();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("could not be kept yet"));
  const auto record = store_->task(task.lease.task);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->state, TaskState::kSucceeded);
  EXPECT_EQ(record->attempt, 1);
}

TEST_F(TrainingTest, GivesUpATrainedModelThatIsNeverTaken) {
  training_options_.between_commits = std::chrono::milliseconds{1};
  training_options_.commits = 3;
  count_commits();
  serve_with_outcomes(60);
  const storage::ClaimedTask task = claimed(wanted());
  take_store_away();
  ::testing::internal::CaptureStderr();
  std::thread training([&] { training_->run(task, {}); });
  EXPECT_TRUE(reached([&] { return metrics_.training.failed->Value() > 0; }));
  bring_store_back();  // so that the failure can be told
  training.join();
  ::testing::internal::GetCapturedStderr();
  const auto record = store_->task(task.lease.task);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->state, TaskState::kFailed);
  EXPECT_THAT(record->error, HasSubstr("could not be kept in 3 attempts"));
  EXPECT_TRUE(store_->models()->empty());
}

}  // namespace
}  // namespace rankloop::app
