// Leases, retries, cancellation, training and what the ledger says of tasks.
#include <gmock/gmock.h>

#include "contract/storage/store_contract.h"
#include "telemetry/metrics.h"

namespace rankloop::storage {
namespace {

using std::chrono_literals::operator""s;
using testing::AnyOf;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class TasksContract : public StoreContract {
 protected:
  // As the ledger has it; what a store tells from memory must agree.
  TaskState state_of(const TaskId& id) {
    const TaskRecord found = record(id);
    const auto live = store_->live_state(id);
    if (live) EXPECT_EQ(*live, std::pair(found.state, found.attempt));
    return found.state;
  }
  TaskRecord record(const TaskId& id) {
    const auto found = store_->task(id);
    EXPECT_TRUE(found);
    return found ? *found : TaskRecord{};
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, TasksContract, testing::ValuesIn(store_factories()),
                         [](const auto& made) { return made.param.name; });

TEST_P(TasksContract, ClaimsTheOldestFirstUpToTheLimit) {
  const TaskId first = started();
  clock_.advance(1s);
  const TaskId second = started();
  clock_.advance(1s);
  const TaskId third = started();
  auto claimed = store_->claim(TaskKind::kInference, {}, 2);
  ASSERT_TRUE(claimed);
  ASSERT_THAT(*claimed, SizeIs(2));
  EXPECT_EQ(claimed->at(0).lease.task, first);
  EXPECT_EQ(claimed->at(1).lease.task, second);
  claimed = store_->claim(TaskKind::kInference, {}, 2);
  ASSERT_TRUE(claimed);
  ASSERT_THAT(*claimed, SizeIs(1));
  EXPECT_EQ(claimed->at(0).lease.task, third);
}

TEST_P(TasksContract, ClaimsOfTheNamedOnlyWhatIsReady) {
  const TaskId first = started();
  const TaskId second = started();
  const std::vector<TaskId> named = {second, new_id(), second};
  auto claimed = store_->claim(TaskKind::kInference, named, 10);
  ASSERT_TRUE(claimed);
  ASSERT_THAT(*claimed, SizeIs(1));
  EXPECT_EQ(state_of(second), TaskState::kRunning);
  EXPECT_EQ(state_of(first), TaskState::kReady);
  EXPECT_THAT(*store_->claim(TaskKind::kTraining, std::span(&first, 1), 1), IsEmpty());
}

TEST_P(TasksContract, ShowsTheStatesOfATaskThroughItsLife) {
  const TaskId id = started();
  EXPECT_EQ(record(id).state, TaskState::kReady);
  EXPECT_EQ(record(id).attempt, 0);
  const WallTime created = clock_.wall();
  clock_.advance(1s);
  const Lease lease = claim(id);
  EXPECT_EQ(record(id).state, TaskState::kRunning);
  EXPECT_EQ(record(id).attempt, 1);
  clock_.advance(1s);
  ASSERT_TRUE(finish(lease));
  const TaskRecord ended = record(id);
  EXPECT_EQ(ended.state, TaskState::kSucceeded);
  EXPECT_EQ(ended.created, created);
  EXPECT_EQ(ended.started, created + 1s);
  EXPECT_EQ(ended.finished, created + 2s);
  EXPECT_EQ(ended.inference.value, 1);
  EXPECT_EQ(ended.attempt, 1);
  EXPECT_FALSE(store_->live_state(id));
  EXPECT_THAT(listener_.changes_of(id), ElementsAre(TaskState::kRunning, TaskState::kSucceeded));
}

TEST_P(TasksContract, LetsOnlyTheHolderOfTheFenceFinish) {
  const TaskId id = started();
  const Lease lease = claim(id);
  EXPECT_EQ(code_of(finish({id, lease.fence + 1})), ErrorCode::kAborted);
  EXPECT_EQ(code_of(finish({id, lease.fence - 1})), ErrorCode::kAborted);
  EXPECT_EQ(code_of(finish({new_id(), 1})), ErrorCode::kAborted);
  ASSERT_TRUE(finish(lease));
  EXPECT_EQ(code_of(finish(lease)), ErrorCode::kAborted);
  EXPECT_EQ(code_of(fail(lease, std::nullopt)), ErrorCode::kAborted);
  EXPECT_EQ(code_of(store_->heartbeat(lease, "")), ErrorCode::kAborted);
}

TEST_P(TasksContract, TakesAnExpiredLeaseBack) {
  const TaskId id = started();
  const Lease zombie = claim(id);
  clock_.advance(options_.lease - 1s);
  ASSERT_TRUE(store_->heartbeat(zombie, ""));
  clock_.advance(options_.lease - 1s);
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(state_of(id), TaskState::kRunning);
  clock_.advance(2s);
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(state_of(id), TaskState::kReady);
  EXPECT_EQ(listener_.times_ready(id), 2);
  EXPECT_EQ(code_of(store_->heartbeat(zombie, "")), ErrorCode::kAborted);
  const Lease lease = claim(id);
  EXPECT_GT(lease.fence, zombie.fence);
  EXPECT_EQ(code_of(finish(zombie)), ErrorCode::kAborted);
  EXPECT_TRUE(finish(lease));
  EXPECT_EQ(record(id).attempt, 2);
}

TEST_P(TasksContract, FailsATaskThatLostItsLastLease) {
  options_.max_attempts = 2;
  reopen();
  const TaskId id = started();
  for (int attempt = 0; attempt < options_.max_attempts; ++attempt) {
    claim(id);
    clock_.advance(options_.lease + 1s);
    ASSERT_TRUE(store_->sweep());
  }
  drain();
  EXPECT_EQ(record(id).state, TaskState::kFailed);
  EXPECT_EQ(record(id).error, "lease_lost");
  const auto inference = store_->inference(id);
  ASSERT_TRUE(inference);
  EXPECT_EQ(inference->error, "lease_lost");
}

TEST_P(TasksContract, RetriesAfterTheDelayUntilTheAttemptsAreUsedUp) {
  options_.max_attempts = 2;
  reopen();
  const TaskId id = started();
  const auto state = fail(claim(id), 10s);
  ASSERT_TRUE(state);
  EXPECT_EQ(*state, TaskState::kScheduled);
  EXPECT_EQ(record(id).state, TaskState::kScheduled);
  EXPECT_EQ(record(id).run_at, clock_.wall() + 10s);
  EXPECT_EQ(record(id).error, "out of luck");
  clock_.advance(9s);
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(state_of(id), TaskState::kScheduled);
  clock_.advance(1s);
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(state_of(id), TaskState::kReady);
  const auto last = fail(claim(id), 10s);
  ASSERT_TRUE(last);
  EXPECT_EQ(*last, TaskState::kFailed);
  EXPECT_EQ(record(id).state, TaskState::kFailed);
  EXPECT_EQ(record(id).attempt, 2);
}

TEST_P(TasksContract, FailsForGoodWithoutARetry) {
  const TaskId id = started();
  const auto state = fail(claim(id), std::nullopt);
  ASSERT_TRUE(state);
  EXPECT_EQ(*state, TaskState::kFailed);
  EXPECT_EQ(store_->inference(id)->state, TaskState::kFailed);
  EXPECT_EQ(code_of(cancel(id)), ErrorCode::kFailedPrecondition);
}

TEST_P(TasksContract, ReleasesWithoutCountingTheAttempt) {
  const TaskId id = started();
  const Lease lease = claim(id);
  store_->release(lease, 0s);
  EXPECT_EQ(state_of(id), TaskState::kReady);
  EXPECT_EQ(record(id).attempt, 0);
  EXPECT_EQ(listener_.times_ready(id), 2);
  EXPECT_EQ(code_of(finish(lease)), ErrorCode::kAborted);
  const Lease second = claim(id);
  EXPECT_GT(second.fence, lease.fence);
  store_->release(second, 5s);
  EXPECT_EQ(state_of(id), TaskState::kScheduled);
  store_->release(second, 0s);
  EXPECT_EQ(state_of(id), TaskState::kScheduled);
  clock_.advance(5s);
  ASSERT_TRUE(store_->sweep());
  EXPECT_TRUE(finish(claim(id)));
  EXPECT_EQ(record(id).attempt, 1);
}

TEST_P(TasksContract, CancelsWhatIsNotFinished) {
  const TaskId waiting = started();
  const TaskId running = started();
  const Lease lease = claim(running);
  for (const TaskId& id : {waiting, running}) {
    const auto cancelled = cancel(id);
    ASSERT_TRUE(cancelled);
    EXPECT_EQ(cancelled->state, TaskState::kCancelled);
    EXPECT_EQ(cancelled->error, "no more need");
    const auto again = cancel(id);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->finished, cancelled->finished);
    EXPECT_EQ(store_->inference(id)->state, TaskState::kCancelled);
  }
  EXPECT_EQ(code_of(finish(lease)), ErrorCode::kAborted);
  EXPECT_THAT(*store_->claim(TaskKind::kInference, {}, 10), IsEmpty());
  EXPECT_EQ(code_of(cancel(new_id())), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(cancel(finished().first)), ErrorCode::kFailedPrecondition);
}

TEST_P(TasksContract, RetriesWhatFailedOrWasCancelled) {
  const TaskId failed = started();
  ASSERT_TRUE(fail(claim(failed), std::nullopt));
  const TaskId cancelled = started();
  ASSERT_TRUE(cancel(cancelled));
  for (const TaskId& id : {failed, cancelled}) {
    const auto again = retry(id);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->state, TaskState::kReady);
    EXPECT_EQ(again->attempt, 0);
    EXPECT_EQ(again->error, "");
    EXPECT_EQ(code_of(retry(id)), ErrorCode::kFailedPrecondition);
    const auto claimed = store_->claim(TaskKind::kInference, std::span(&id, 1), 1);
    ASSERT_TRUE(claimed);
    ASSERT_THAT(*claimed, SizeIs(1));
    EXPECT_EQ(claimed->front().inference->payload, request().payload);
    ASSERT_TRUE(finish(claimed->front().lease));
    EXPECT_EQ(code_of(retry(id)), ErrorCode::kFailedPrecondition);
  }
  EXPECT_EQ(code_of(retry(new_id())), ErrorCode::kNotFound);
}

TEST_P(TasksContract, RefusesALeaseFromBeforeACancellationAndRetryQueuedWithIt) {
  const TaskId id = started();
  const Lease stale = claim(id);
  std::promise<Result<StartedInference>> answer;
  store_->cancel_task(id, "", std::nullopt, [](const Result<TaskRecord>& done) { EXPECT_TRUE(done); });
  store_->retry_task(id, std::nullopt, [](const Result<TaskRecord>& done) { EXPECT_TRUE(done); });
  store_->finish_inference(stale, ranking(), {}, clock_.wall(),
                           [&](Result<StartedInference> done) { answer.set_value(std::move(done)); });
  EXPECT_EQ(code_of(answer.get_future().get()), ErrorCode::kAborted);
  EXPECT_EQ(state_of(id), TaskState::kReady);
  EXPECT_TRUE(finish(claim(id)));
}

TEST_P(TasksContract, CancelsWhatWasRetriedInTheSameBatch) {
  const TaskId id = started();
  ASSERT_TRUE(cancel(id));
  store_->retry_task(id, std::nullopt, [](const Result<TaskRecord>& done) { EXPECT_TRUE(done); });
  const auto again = cancel(id);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->state, TaskState::kCancelled);
  EXPECT_FALSE(store_->live_state(id));
}

TEST_P(TasksContract, MakesWhatTheLastProcessLeftReadyAgain) {
  NewInference made = request();
  made.person = "ada";
  made.candidates = {ItemId{3}};
  made.candidates_given = true;
  made.candidate_fields = "3 {\"bm25\":2.5}\n";
  made.unknown_candidates = "no such\n";
  const TaskId running = made.task;
  ASSERT_TRUE(start(made));
  claim(running);
  const TaskId scheduled = started();
  ASSERT_TRUE(fail(claim(scheduled), 1'000s));
  const TaskId ended = finished().first;
  reopen();
  // At once, where the store belongs to one process; elsewhere the other one might still be at it.
  clock_.advance(1'001s);
  EXPECT_EQ(state_of(ended), TaskState::kSucceeded);
  const auto before = listener_.times_ready(running);
  ASSERT_TRUE(store_->sweep());
  ASSERT_TRUE(store_->sweep());
  // Once, or twice where the connection that hears of others came to be between the two.
  EXPECT_THAT(listener_.times_ready(running), AnyOf(before + 1, before + 2));
  EXPECT_EQ(state_of(running), TaskState::kReady);
  EXPECT_EQ(state_of(scheduled), TaskState::kReady);
  const auto claimed = store_->claim(TaskKind::kInference, std::span(&running, 1), 1);
  ASSERT_TRUE(claimed);
  ASSERT_THAT(*claimed, SizeIs(1));
  const NewInference& request_read = *claimed->front().inference;
  EXPECT_EQ(request_read.payload, made.payload);
  EXPECT_EQ(request_read.person, "ada");
  EXPECT_EQ(request_read.candidates, made.candidates);
  EXPECT_TRUE(request_read.candidates_given);
  EXPECT_EQ(request_read.candidate_fields, made.candidate_fields);
  EXPECT_EQ(request_read.unknown_candidates, made.unknown_candidates);
  EXPECT_EQ(request_read.source, RequestSource::kApi);
  EXPECT_EQ(request_read.at, made.at);
  EXPECT_THAT(request_read.values.numbers, IsEmpty());
  EXPECT_TRUE(finish(claimed->front().lease));
  EXPECT_EQ(code_of(finish({running, claimed->front().lease.fence})), ErrorCode::kAborted);
}

TEST_P(TasksContract, TrainsOneAtATime) {
  const TaskId id = new_id();
  const auto begun = train(id, R"({"epochs":3})");
  ASSERT_TRUE(begun);
  EXPECT_EQ(begun->kind, TaskKind::kTraining);
  const TaskId other = new_id();
  EXPECT_EQ(code_of(train(other)), ErrorCode::kFailedPrecondition);
  EXPECT_FALSE(store_->live_state(other));
  auto claimed = store_->claim(TaskKind::kTraining, {}, 1);
  ASSERT_TRUE(claimed);
  ASSERT_THAT(*claimed, SizeIs(1));
  EXPECT_EQ(claimed->front().arguments, R"({"epochs":3})");
  ASSERT_TRUE(fail(claimed->front().lease, std::nullopt));
  ASSERT_TRUE(train(other));
  EXPECT_EQ(code_of(retry(id)), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(record(id).state, TaskState::kFailed);
  reopen();
  EXPECT_EQ(code_of(train(new_id())), ErrorCode::kFailedPrecondition);
}

TEST_P(TasksContract, StoresAModelWithTheEndOfItsTraining) {
  const TaskId id = new_id();
  ASSERT_TRUE(train(id));
  const Lease lease = claim(id, TaskKind::kTraining);
  NewModel model;
  model.family = "mlp";
  model.artefact = "weights";
  model.at = clock_.wall();
  const auto finish_it = [&] {
    return await<ModelId>(
        [&](auto done) { store_->finish_job(lease, {.model = model}, clock_.wall(), done); });
  };
  const auto made = finish_it();
  ASSERT_TRUE(made);
  EXPECT_EQ(made->value, 1);
  EXPECT_EQ(record(id).state, TaskState::kSucceeded);
  EXPECT_EQ(record(id).model, *made);
  EXPECT_EQ(record(id).inference, InferenceId{});
  EXPECT_EQ(store_->registry_version(), 1);
  EXPECT_EQ(code_of(finish_it()), ErrorCode::kAborted);
  EXPECT_THAT(*store_->models(), SizeIs(1));
}

TEST_P(TasksContract, PromotesAModelWithTheEndOfItsTraining) {
  const auto train_and_finish = [&](NewModel model) {
    const TaskId id = new_id();
    EXPECT_TRUE(train(id));
    const Lease lease = claim(id, TaskKind::kTraining);
    return await<ModelId>(
        [&](auto done) { store_->finish_job(lease, {.model = model}, clock_.wall(), done); });
  };
  NewModel model;
  model.family = "mlp";
  model.at = clock_.wall();
  model.verdict = Verdict::kPromote;
  model.detail = R"({"delta":0.02})";
  model.promote = true;
  ASSERT_TRUE(train_and_finish(model));
  model.verdict = Verdict::kReject;
  model.promote = false;
  ASSERT_TRUE(train_and_finish(model));
  const auto models = store_->models();
  ASSERT_TRUE(models);
  EXPECT_TRUE(models->at(0).champion);
  EXPECT_FALSE(models->at(1).champion);
  const auto history = store_->model_history(std::nullopt, 10);
  ASSERT_TRUE(history);
  ASSERT_THAT(*history, SizeIs(2));
  EXPECT_EQ(history->at(0).what, ModelEventKind::kRejected);
  EXPECT_EQ(history->at(1).what, ModelEventKind::kPromoted);
  EXPECT_EQ(history->at(1).detail, R"({"delta":0.02})");
}

TEST_P(TasksContract, TellsHowFarARunningTaskIs) {
  const TaskId id = new_id();
  ASSERT_TRUE(train(id, R"({"epochs":3})"));
  EXPECT_EQ(record(id).arguments, R"({"epochs":3})");
  const Lease lease = claim(id, TaskKind::kTraining);
  EXPECT_EQ(record(id).progress, "");
  ASSERT_TRUE(store_->heartbeat(lease, R"({"epoch":1})"));
  EXPECT_EQ(record(id).progress, R"({"epoch":1})");
  ASSERT_TRUE(store_->heartbeat(lease, R"({"epoch":2})"));
  ASSERT_TRUE(store_->heartbeat(lease, ""));
  EXPECT_EQ(record(id).progress, R"({"epoch":2})");
  EXPECT_EQ(code_of(store_->heartbeat({id, lease.fence + 1}, R"({"epoch":9})")), ErrorCode::kAborted);
  // Another attempt begins anew.
  ASSERT_TRUE(fail(lease, 1s));
  EXPECT_EQ(record(id).progress, "");
  clock_.advance(1s);
  ASSERT_TRUE(store_->sweep());
  const Lease second = claim(id, TaskKind::kTraining);
  EXPECT_EQ(record(id).progress, "");
  ASSERT_TRUE(store_->heartbeat(second, R"({"epoch":1})"));
  ASSERT_TRUE(cancel(id));
  EXPECT_EQ(code_of(store_->heartbeat(second, R"({"epoch":2})")), ErrorCode::kAborted);
  EXPECT_EQ(record(id).progress, "");
  EXPECT_EQ(record(id).arguments, R"({"epochs":3})");
}

TEST_P(TasksContract, CountsRetriesAndFailures) {
  telemetry::Metrics metrics;
  options_.task_metrics = &metrics.tasks;
  options_.max_attempts = 2;
  reopen();
  const TaskId id = started();
  ASSERT_TRUE(fail(claim(id), 1s));
  EXPECT_EQ(metrics.tasks.retried->Value(), 1);
  clock_.advance(1s);
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(metrics.tasks.retried->Value(), 1);
  ASSERT_TRUE(fail(claim(id), 1s));
  EXPECT_EQ(metrics.tasks.failed->Value(), 1);
  const TaskId lost = started();
  claim(lost);
  clock_.advance(options_.lease + 1s);
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(metrics.tasks.retried->Value(), 2);
  claim(lost);
  clock_.advance(options_.lease + 1s);
  ASSERT_TRUE(store_->sweep());
  drain();
  EXPECT_EQ(metrics.tasks.retried->Value(), 2);
  EXPECT_EQ(metrics.tasks.failed->Value(), 2);
  store_.reset();  // counts into the metrics
}

TEST_P(TasksContract, ListsAndCountsTasks) {
  std::vector<TaskId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(started());
  ASSERT_TRUE(finish(claim(ids[0])));
  claim(ids[1]);
  ASSERT_TRUE(cancel(ids[2]));
  const auto list = [&](TaskFilter filter) {
    std::vector<TaskId> found;
    const auto records = store_->tasks(filter);
    EXPECT_TRUE(records);
    if (records) {
      for (const TaskRecord& task : *records) found.push_back(task.id);
    }
    return found;
  };
  EXPECT_THAT(list({}), ElementsAre(ids[4], ids[3], ids[2], ids[1], ids[0]));
  EXPECT_THAT(list({.before = ids[3], .limit = 2}), ElementsAre(ids[2], ids[1]));
  EXPECT_THAT(list({.state = TaskState::kReady}), ElementsAre(ids[4], ids[3]));
  EXPECT_THAT(list({.state = TaskState::kReady, .before = ids[4], .limit = 5}), ElementsAre(ids[3]));
  EXPECT_THAT(list({.state = TaskState::kRunning}), ElementsAre(ids[1]));
  EXPECT_THAT(list({.state = TaskState::kCancelled}), ElementsAre(ids[2]));
  EXPECT_THAT(list({.state = TaskState::kCancelled, .before = ids[2]}), IsEmpty());
  EXPECT_THAT(list({.state = TaskState::kFailed}), IsEmpty());
  EXPECT_THAT(list({.state = TaskState::kSucceeded}), ElementsAre(ids[0]));
  EXPECT_THAT(list({.kind = TaskKind::kTraining}), IsEmpty());
  const TaskId training = new_id();
  ASSERT_TRUE(await<TaskRecord>([&](auto done) {
    store_->start_job({training, traits_of(TaskKind::kTraining), "{}", clock_.wall()}, std::nullopt, done);
  }));
  EXPECT_THAT(list({.kind = TaskKind::kTraining}), ElementsAre(training));
  EXPECT_THAT(list({.kind = TaskKind::kTraining, .state = TaskState::kReady}), ElementsAre(training));
  EXPECT_THAT(list({.kind = TaskKind::kTraining, .state = TaskState::kSucceeded}), IsEmpty());
  EXPECT_THAT(list({.kind = TaskKind::kTraining, .before = training}), IsEmpty());
  const auto open = store_->open_tasks(TaskKind::kInference);
  ASSERT_TRUE(open);
  ASSERT_THAT(*open, SizeIs(2));
  EXPECT_EQ((*open)[0].state, TaskState::kReady);
  EXPECT_EQ((*open)[0].count, 2);
  EXPECT_EQ((*open)[0].oldest, store_->task(ids[3])->created);
  EXPECT_EQ((*open)[1].state, TaskState::kRunning);
  EXPECT_EQ((*open)[1].count, 1);
  EXPECT_EQ((*open)[1].oldest, store_->task(ids[1])->created);
}

}  // namespace
}  // namespace rankloop::storage
