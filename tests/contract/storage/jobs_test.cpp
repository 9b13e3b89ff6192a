// A kind of task that only the tests have, through everything that can become of a job.
#include <gmock/gmock.h>

#include "contract/storage/store_contract.h"
#include "support/rehearsal.h"

namespace rankloop::storage {
namespace {

using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class JobsContract : public StoreContract {
 protected:
  Result<TaskRecord> begin(const TaskId& id, TaskKindTraits kind = kRehearsal) {
    return await<TaskRecord>([&](auto done) {
      store_->start_job({id, kind, R"({"scenes":3})", clock_.wall()}, std::nullopt, done);
    });
  }
  TaskId begun() {
    const TaskId id = new_id();
    EXPECT_TRUE(begin(id));
    return id;
  }
  Result<ModelId> end(const Lease& lease, JobResult result = {.json = R"({"applause":7})"}) {
    return await<ModelId>(
        [&](auto done) { store_->finish_job(lease, std::move(result), clock_.wall(), done); });
  }
  Lease claim_job(const TaskId& id) { return claim(id, kRehearsal.kind); }
  TaskRecord record(const TaskId& id) {
    const auto found = store_->task(id);
    EXPECT_TRUE(found);
    return found ? *found : TaskRecord{};
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, JobsContract, testing::ValuesIn(store_factories()),
                         [](const auto& made) { return made.param.name; });

TEST_P(JobsContract, GoesFromItsStartToItsResult) {
  const TaskId id = new_id();
  const auto started = begin(id);
  ASSERT_TRUE(started) << started.error().message << started.error().detail;
  EXPECT_EQ(started->kind, kRehearsal.kind);
  EXPECT_EQ(started->state, TaskState::kReady);
  EXPECT_EQ(listener_.times_ready(id), 1);
  EXPECT_THAT(*store_->claim(TaskKind::kTraining, {}, 1), IsEmpty());
  const auto claimed = store_->claim(kRehearsal.kind, {}, 1);
  ASSERT_TRUE(claimed);
  ASSERT_THAT(*claimed, SizeIs(1));
  EXPECT_EQ(claimed->front().kind, kRehearsal.kind);
  EXPECT_EQ(claimed->front().arguments, R"({"scenes":3})");
  EXPECT_EQ(claimed->front().attempt, 1);
  const Lease lease = claimed->front().lease;
  ASSERT_TRUE(store_->heartbeat(lease, R"({"scene":2})"));
  EXPECT_EQ(record(id).progress, R"({"scene":2})");
  EXPECT_EQ(record(id).result, "");
  const auto made = end(lease);
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, ModelId{});
  EXPECT_EQ(record(id).state, TaskState::kSucceeded);
  EXPECT_EQ(record(id).result, R"({"applause":7})");
  EXPECT_EQ(record(id).arguments, R"({"scenes":3})");
  EXPECT_EQ(record(id).model, ModelId{});
  EXPECT_THAT(listener_.changes_of(id), ElementsAre(TaskState::kRunning, TaskState::kSucceeded));
  EXPECT_EQ(code_of(end(lease)), ErrorCode::kAborted);
  reopen();
  EXPECT_EQ(record(id).result, R"({"applause":7})");
}

TEST_P(JobsContract, IsTriedAgainAfterAFailureUntilTheAttemptsAreUsedUp) {
  options_.max_attempts = 2;
  reopen();
  const TaskId id = begun();
  ASSERT_EQ(*fail(claim_job(id), 10s), TaskState::kScheduled);
  EXPECT_EQ(record(id).error, "out of luck");
  EXPECT_EQ(code_of(begin(new_id())), ErrorCode::kFailedPrecondition);
  clock_.advance(10s);
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(record(id).state, TaskState::kReady);
  EXPECT_EQ(listener_.times_ready(id), 2);
  ASSERT_EQ(*fail(claim_job(id), 10s), TaskState::kFailed);
  EXPECT_EQ(record(id).attempt, 2);
}

TEST_P(JobsContract, IsTakenBackFromAWorkerThatLostItsLease) {
  const TaskId id = begun();
  const Lease zombie = claim_job(id);
  clock_.advance(options_.lease + 1s);
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(record(id).state, TaskState::kReady);
  EXPECT_EQ(code_of(store_->heartbeat(zombie, "")), ErrorCode::kAborted);
  const Lease lease = claim_job(id);
  EXPECT_GT(lease.fence, zombie.fence);
  EXPECT_EQ(code_of(end(zombie, {.json = "1"})), ErrorCode::kAborted);
  ASSERT_TRUE(end(lease, {.json = "2"}));
  EXPECT_EQ(record(id).result, "2");
  EXPECT_EQ(record(id).attempt, 2);
}

TEST_P(JobsContract, IsFoundAgainByTheNextProcess) {
  const TaskId id = begun();
  claim_job(id);
  reopen();
  clock_.advance(options_.lease + 1s);
  ASSERT_TRUE(store_->sweep());
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(record(id).state, TaskState::kReady);
  EXPECT_EQ(code_of(begin(new_id())), ErrorCode::kFailedPrecondition);
  const auto claimed = store_->claim(kRehearsal.kind, {}, 1);
  ASSERT_TRUE(claimed);
  ASSERT_THAT(*claimed, SizeIs(1));
  EXPECT_EQ(claimed->front().arguments, R"({"scenes":3})");
  EXPECT_TRUE(end(claimed->front().lease));
}

TEST_P(JobsContract, IsCancelledAndTriedAgainByRequest) {
  const TaskId id = begun();
  const Lease lease = claim_job(id);
  const auto cancelled = cancel(id);
  ASSERT_TRUE(cancelled);
  EXPECT_EQ(cancelled->state, TaskState::kCancelled);
  EXPECT_EQ(code_of(store_->heartbeat(lease, "")), ErrorCode::kAborted);
  EXPECT_EQ(code_of(end(lease)), ErrorCode::kAborted);
  const TaskId other = begun();
  EXPECT_EQ(code_of(retry(id)), ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(end(claim_job(other)));
  ASSERT_TRUE(retry(id));
  EXPECT_EQ(record(id).state, TaskState::kReady);
  EXPECT_EQ(code_of(begin(new_id())), ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(end(claim_job(id)));
}

TEST_P(JobsContract, IsOneAtATimeAsItsKindSays) {
  const TaskId first = begun();
  const auto second = begin(new_id());
  EXPECT_EQ(code_of(second), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(second.error().message, "A rehearsal is already waiting or running");
  EXPECT_EQ(code_of(begin(first)), ErrorCode::kAlreadyExists);
  EXPECT_TRUE(train(new_id()));  // another kind
  EXPECT_EQ(code_of(train(new_id())), ErrorCode::kFailedPrecondition);
  constexpr TaskKindTraits kConcert{TaskKind{41}, "concert", false};
  EXPECT_TRUE(begin(new_id(), kConcert));
  EXPECT_TRUE(begin(new_id(), kConcert));
  const auto claimed = store_->claim(kConcert.kind, {}, 10);
  ASSERT_TRUE(claimed);
  EXPECT_THAT(*claimed, SizeIs(2));
}

TEST_P(JobsContract, IsListedAndCountedByItsKind) {
  std::vector<TaskId> ended;
  for (int i = 0; i < 3; ++i) {
    finished();
    clock_.advance(1s);
    ended.push_back(begun());
    ASSERT_TRUE(end(claim_job(ended.back())));
  }
  const TaskId waiting = begun();
  const auto list = [&](TaskFilter filter) {
    filter.kind = kRehearsal.kind;
    std::vector<TaskId> found;
    const auto tasks = store_->tasks(filter);
    EXPECT_TRUE(tasks);
    for (const TaskRecord& task : tasks ? *tasks : std::vector<TaskRecord>{}) {
      EXPECT_EQ(task.kind, kRehearsal.kind);
      found.push_back(task.id);
    }
    return found;
  };
  EXPECT_THAT(list({}), ElementsAre(waiting, ended[2], ended[1], ended[0]));
  EXPECT_THAT(list({.limit = 2}), ElementsAre(waiting, ended[2]));
  EXPECT_THAT(list({.before = ended[2]}), ElementsAre(ended[1], ended[0]));
  EXPECT_THAT(list({.state = TaskState::kReady}), ElementsAre(waiting));
  EXPECT_THAT(list({.state = TaskState::kFailed}), IsEmpty());
  EXPECT_THAT(*store_->tasks({}), SizeIs(7));
  const auto open = store_->open_tasks(kRehearsal.kind);
  ASSERT_TRUE(open);
  ASSERT_THAT(*open, SizeIs(1));
  EXPECT_EQ(open->front().count, 1);
}

TEST_P(JobsContract, MayMakeAModel) {
  const TaskId id = begun();
  NewModel model;
  model.family = "mlp";
  model.artefact = "weights";
  model.at = clock_.wall();
  const auto made = end(claim_job(id), {.json = "{}", .model = model});
  ASSERT_TRUE(made);
  EXPECT_EQ(record(id).model, *made);
  EXPECT_EQ(record(id).result, "{}");
  EXPECT_THAT(*store_->models(), SizeIs(1));
}

TEST_P(JobsContract, EndsNoInference) {
  const TaskId id = started();
  const Lease lease = claim(id);
  EXPECT_EQ(code_of(end(lease)), ErrorCode::kAborted);
  EXPECT_EQ(record(id).state, TaskState::kRunning);
  EXPECT_TRUE(finish(lease));
}

}  // namespace
}  // namespace rankloop::storage
