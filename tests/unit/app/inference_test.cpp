// An inference from its body to its pick.
#include "app/serve/inference.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/app/use_cases.h"

namespace rankloop::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> places_of(const Error& error) {
  std::vector<std::string> places;
  for (const FieldFault& fault : error.faults) {
    std::string place;
    for (const std::string& part : fault.loc) place += (place.empty() ? "" : ".") + part;
    places.push_back(place);
  }
  return places;
}

std::vector<std::int64_t> items_of(const Ranking& ranking) {
  std::vector<std::int64_t> items;
  for (const RankedItem& ranked : ranking.items) items.push_back(ranked.item.value);
  return items;
}

class InferenceTest : public UseCaseFixture {
 protected:
  static constexpr int kFilms = 8;  // more than the five that a ranking keeps

  void SetUp() override {
    UseCaseFixture::SetUp();
    start_serving();
    storage::CatalogWrite write{1, {}};
    for (std::int64_t id = 1; id <= kFilms; ++id) write.items.push_back({{id}, film("Film", 10)});
    ASSERT_TRUE(write_items(std::move(write)));
    ASSERT_TRUE(serving_->wait_for_catalog(1));
  }

  Error fault_of(const std::string& body) {
    const Result<InferenceInput> input = inference_->check(json(body));
    EXPECT_FALSE(input) << body;
    return input ? Error{} : input.error();
  }
  TaskId start(const std::string& body = R"({"age":30})") {
    Result<InferenceInput> input = inference_->check(json(body));
    EXPECT_TRUE(input) << body;
    const TaskId task = inference_->new_task_id();
    EXPECT_TRUE(written<storage::StartedInference>(
        [&](auto done) { inference_->start(task, *std::move(input), std::nullopt, std::move(done)); }));
    return task;
  }
  std::optional<storage::ClaimedTask> claim(const TaskId& task) {
    auto claimed = store_->claim(TaskKind::kInference, std::span{&task, 1}, 1);
    EXPECT_TRUE(claimed);
    if (!claimed || claimed->size() != 1) return std::nullopt;
    return claimed->front();
  }
  // Runs a task and waits for its commit.
  std::shared_ptr<const EndedInference> run(const TaskId& task) {
    const auto claimed = claim(task);
    if (!claimed) return nullptr;
    inference_->run(*claimed);
    EXPECT_TRUE(reached([&] { return recent_.find(task) != nullptr; }));
    return recent_.find(task);
  }
  // What the store alone knows of it, as after a restart.
  Result<std::shared_ptr<const EndedInference>> load_from_store(const TaskId& task) {
    RecentInferences nothing{0};
    return Inference{domain_,     1,       {.best = 5}, *store_, *serving_,
                     *histories_, nothing, metrics_,    log_,    clock_}
        .load(task);
  }
  // Until everything that was queued before is committed and told.
  void drain() {
    ASSERT_TRUE(written<void>([&](auto done) { store_->count_events({}, std::move(done)); }));
  }
  Result<int> show(const std::shared_ptr<const EndedInference>& ended, int limit) {
    return written<int>(
        [&](auto done) { inference_->show(ended, limit, ExposureSource::kResults, std::move(done)); });
  }
  Result<Picked> pick(const std::shared_ptr<const EndedInference>& ended, int rank) {
    return written<Picked>([&](auto done) { inference_->pick(ended, rank, std::nullopt, std::move(done)); });
  }
  Result<storage::TaskRecord> cancel(const TaskId& task) {
    return written<storage::TaskRecord>(
        [&](auto done) { tasks_->cancel(task, std::nullopt, std::move(done)); });
  }
};

TEST_F(InferenceTest, NamesEveryFaultOfARequest) {
  EXPECT_THAT(places_of(fault_of(R"({"budget":"x","user_key":7,"candidates":7})")),
              ::testing::UnorderedElementsAre("body.age", "body.budget", "body.user_key", "body.candidates"));
  EXPECT_EQ(fault_of("[]").code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(fault_of("null").code, ErrorCode::kInvalidArgument);
}

TEST_F(InferenceTest, TakesUserKeysOfOneToAHundredAndTwentyEightCharacters) {
  EXPECT_THAT(places_of(fault_of(R"({"age":3,"user_key":""})")), ElementsAre("body.user_key"));
  EXPECT_THAT(fault_of(R"({"age":3,"user_key":")" + std::string(129, 'k') + "\"}").message,
              HasSubstr("129 characters; allowed are 1 to 128"));
  std::string umlauts;
  for (int i = 0; i < 128; ++i) umlauts += "\u00fc";
  EXPECT_TRUE(inference_->check(json(R"({"age":3,"user_key":")" + umlauts + "\"}")));
  EXPECT_THAT(fault_of(R"({"age":3,"user_key":"a\u0000b"})").message, HasSubstr("NUL"));
  EXPECT_EQ(inference_->check(json(R"({"age":3,"user_key":")" + std::string(128, 'k') + "\"}"))->person,
            std::string(128, 'k'));
  EXPECT_EQ(inference_->check(json(R"({"age":3,"user_key":null})"))->person, "");
}

TEST_F(InferenceTest, TakesCandidatesUpToTheLengthOfARanking) {
  EXPECT_THAT(fault_of(R"({"age":3,"candidates":[1,2,3,4,5,6]})").message,
              HasSubstr("6 ids; allowed are up to 5"));
  EXPECT_THAT(places_of(fault_of(R"({"age":3,"candidates":[1,"2",3.5]})")),
              ElementsAre("body.candidates.1", "body.candidates.2"));
  EXPECT_THAT(places_of(fault_of(R"({"age":3,"candidates":[0,1,-1,9007199254740992]})")),
              ElementsAre("body.candidates.0", "body.candidates.2", "body.candidates.3"));
  const Result<InferenceInput> none = inference_->check(json(R"({"age":3,"candidates":[]})"));
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->candidates_given);
  EXPECT_TRUE(none->candidates.empty());
  EXPECT_FALSE(inference_->check(json(R"({"age":3})"))->candidates_given);
}

TEST_F(InferenceTest, CountsFieldsThatNoSchemaKnows) {
  ASSERT_TRUE(inference_->check(json(R"({"age":3,"colour":"red","mood":1,"user_key":"ada"})")));
  EXPECT_EQ(metrics_.http.unknown_fields->Value(), 2);
}

TEST_F(InferenceTest, RanksTheCatalogAndStoresWhatItFound) {
  const TaskId task = start();
  EXPECT_EQ(inference_->status(task)->state, TaskState::kReady);
  const Result<std::shared_ptr<const EndedInference>> early = inference_->load(task);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(early.error().message, "Results are not ready: the task is ready");

  const auto ended = run(task);
  ASSERT_NE(ended, nullptr);
  EXPECT_EQ(ended->inference, InferenceId{1});
  EXPECT_EQ(ended->user, RequestId{1});
  EXPECT_EQ(ended->ranking.items.size(), 5U);
  EXPECT_EQ(ended->ranking.catalog_version, 1);
  EXPECT_EQ(ended->ranking.domain_version, 1);
  EXPECT_EQ(ended->ranking.seed, task.seed());
  EXPECT_EQ(inference_->known_status(task)->state, TaskState::kSucceeded);
  EXPECT_EQ(metrics_.tasks.started->Value(), 1);
  EXPECT_EQ(metrics_.tasks.succeeded->Value(), 1);

  const auto stored = load_from_store(task);
  ASSERT_TRUE(stored);
  EXPECT_EQ((*stored)->inference, ended->inference);
  EXPECT_EQ((*stored)->user, ended->user);
  EXPECT_EQ(items_of((*stored)->ranking), items_of(ended->ranking));
}

TEST_F(InferenceTest, RanksTheCandidatesOnly) {
  std::vector<std::int64_t> items = items_of(run(start(R"({"age":3,"candidates":[7,2,999,2]})"))->ranking);
  std::sort(items.begin(), items.end());
  EXPECT_EQ(items, (std::vector<std::int64_t>{2, 7}));
  EXPECT_TRUE(run(start(R"({"age":3,"candidates":[]})"))->ranking.items.empty());
}

TEST_F(InferenceTest, DoesNotKnowOtherTasks) {
  const TaskId unknown = inference_->new_task_id();
  EXPECT_EQ(inference_->recent(unknown), nullptr);
  EXPECT_FALSE(inference_->known_status(unknown));
  for (const Error& error : {inference_->load(unknown).error(), inference_->status(unknown).error(),
                             inference_->number_of(unknown).error()}) {
    EXPECT_EQ(error.code, ErrorCode::kNotFound);
    EXPECT_EQ(error.message, "Task not found");
  }
}

TEST_F(InferenceTest, DoesNotFinishACancelledTask) {
  const TaskId task = start();
  const auto claimed = claim(task);
  ASSERT_TRUE(claimed);
  ASSERT_TRUE(cancel(task));
  inference_->run(*claimed);
  drain();
  EXPECT_EQ(recent_.find(task), nullptr);
  const auto stored = inference_->load(task);
  ASSERT_TRUE(stored);
  EXPECT_EQ((*stored)->state, TaskState::kCancelled);
  EXPECT_TRUE((*stored)->ranking.items.empty());
  EXPECT_EQ(not_ready(stored->get(), TaskState::kCancelled).message,
            "The task cancelled: cancelled by request");
  EXPECT_EQ(metrics_.tasks.succeeded->Value(), 0);
  EXPECT_EQ(metrics_.tasks.cancelled->Value(), 1);
}

TEST_F(InferenceTest, RunsARevokedTaskAfterARetry) {
  const TaskId task = start();
  ASSERT_TRUE(cancel(task));
  ASSERT_TRUE(inference_->load(task));  // from here on the end is known in memory
  ASSERT_TRUE(
      written<storage::TaskRecord>([&](auto done) { tasks_->retry(task, std::nullopt, std::move(done)); }));
  EXPECT_EQ(inference_->status(task)->state, TaskState::kReady);
  const auto ended = run(task);
  ASSERT_NE(ended, nullptr);
  EXPECT_EQ(ended->state, TaskState::kSucceeded);
  EXPECT_EQ(ended->ranking.items.size(), 5U);
}

TEST_F(InferenceTest, KnowsFromTheStoreWhichAttemptEndedIt) {
  const TaskId task = start();
  const auto first = claim(task);
  ASSERT_TRUE(first);
  EXPECT_TRUE(written<TaskState>([&](auto done) {
    store_->fail_task(first->lease, "no luck", std::chrono::seconds{1}, std::move(done));
  }));
  clock_.advance(std::chrono::seconds{1});
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(store_->inference(task)->attempt, 1);
  ASSERT_NE(run(task), nullptr);
  const auto stored = load_from_store(task);
  ASSERT_TRUE(stored);
  EXPECT_EQ((*stored)->attempt, 2);
}

// A reader that looked before a retry may be late with what it read; it must not hide the outcome.
TEST_F(InferenceTest, ShowsTheOutcomeWhateverALateReaderKept) {
  const TaskId task = start();
  ASSERT_TRUE(cancel(task));
  ASSERT_TRUE(
      written<storage::TaskRecord>([&](auto done) { tasks_->retry(task, std::nullopt, std::move(done)); }));
  ASSERT_TRUE(cancel(task));
  ASSERT_TRUE(inference_->load(task));
  ASSERT_TRUE(written<storage::TaskRecord>(
      [&](auto done) { store_->retry_task(task, std::nullopt, std::move(done)); }));
  const auto claimed = claim(task);
  ASSERT_TRUE(claimed);
  inference_->run(*claimed);
  drain();
  EXPECT_EQ(inference_->status(task)->state, TaskState::kSucceeded);
  EXPECT_EQ((*inference_->load(task))->ranking.items.size(), 5U);
}

TEST_F(InferenceTest, ShowsEachRankOnce) {
  const auto ended = run(start());
  ASSERT_NE(ended, nullptr);
  EXPECT_EQ(*show(ended, 3), 3);
  EXPECT_EQ(*show(ended, 2), 3);
  EXPECT_EQ(*show(ended, 3), 3);
  EXPECT_EQ(*show(ended, 100), 5);
  const auto record = store_->inference(ended->task);
  ASSERT_TRUE(record);
  ASSERT_EQ(record->exposures.size(), 2U);
  EXPECT_EQ(record->exposures[0].count, 3);
  EXPECT_EQ(record->exposures[1].first_rank, 4);
  EXPECT_EQ(record->exposures[1].count, 2);
  EXPECT_EQ((*load_from_store(ended->task))->shown, 5);
}

TEST_F(InferenceTest, TakesAPickOfWhatWasShownOnly) {
  const auto ended = run(start());
  ASSERT_NE(ended, nullptr);
  const Result<Picked> early = pick(ended, 1);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(metrics_.feedback.good->Value(), 0);

  ASSERT_TRUE(show(ended, 2));
  const Result<Picked> picked = pick(ended, 2);
  ASSERT_TRUE(picked) << picked.error().message;
  EXPECT_EQ(picked->rank, 2);
  EXPECT_EQ(picked->exposure.source, ExposureSource::kResults);
  EXPECT_EQ(pick(ended, 3).error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(metrics_.feedback.good->Value(), 1);
  const auto record = store_->inference(ended->task);
  ASSERT_EQ(record->feedback.size(), 1U);
  EXPECT_EQ(record->feedback[0].item, ended->ranking.items[1].item);
  EXPECT_EQ(rank_in(ended->ranking, ended->ranking.items[1].item), 2);
  EXPECT_EQ(rank_in(ended->ranking, ItemId{999}), 0);
}

TEST_F(InferenceTest, TakesNothingChosenForAnyKnownTask) {
  const TaskId task = start();
  const auto number = inference_->number_of(task);
  ASSERT_TRUE(number);
  ASSERT_TRUE(written<storage::Exposure>(
      [&](auto done) { inference_->pick_none(task, *number, std::nullopt, std::move(done)); }));
  EXPECT_EQ(metrics_.feedback.bad->Value(), 1);
  const auto record = store_->inference(task);
  ASSERT_EQ(record->feedback.size(), 1U);
  EXPECT_EQ(record->feedback[0].kind, kNoneKind);
  EXPECT_FALSE(record->feedback[0].item);
}

TEST_F(InferenceTest, RanksAfterARestartAsItWouldHaveBefore) {
  const TaskId task = start();
  restart();
  const auto claimed = claim(task);
  ASSERT_TRUE(claimed);
  EXPECT_TRUE(claimed->inference->values.numbers.empty());
  inference_->run(*claimed);
  ASSERT_TRUE(reached([&] { return recent_.find(task) != nullptr; }));
  EXPECT_EQ(recent_.find(task)->ranking.items.size(), 5U);
  EXPECT_EQ(recent_.find(task)->ranking.seed, task.seed());
}

TEST_F(InferenceTest, FailsATaskWhoseRequestCannotBeRead) {
  storage::NewInference request;
  request.task = inference_->new_task_id();
  request.payload = R"({"age":"old"})";
  request.domain_version = 1;
  request.at = clock_.wall();
  ASSERT_TRUE(written<storage::StartedInference>(
      [&](auto done) { store_->start_inference(request, std::nullopt, std::move(done)); }));
  const auto claimed = claim(request.task);
  ASSERT_TRUE(claimed);
  ::testing::internal::CaptureStderr();
  inference_->run(*claimed);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("a stored request cannot be read"));
  drain();
  EXPECT_EQ(inference_->status(request.task)->state, TaskState::kFailed);
  EXPECT_EQ(metrics_.tasks.failed->Value(), 1);
}

}  // namespace
}  // namespace rankloop::app
