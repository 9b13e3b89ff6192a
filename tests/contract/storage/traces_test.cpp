// Who asked for a task, kept with it.
#include <gmock/gmock.h>

#include "contract/storage/store_contract.h"

namespace rankloop::storage {
namespace {

using telemetry::TraceContext;

class TracesContract : public StoreContract {
 protected:
  static TraceContext trace(std::uint8_t number, bool sampled = true) {
    TraceContext context;
    context.trace.fill(number);
    context.span.fill(static_cast<std::uint8_t>(number + 1));
    context.sampled = sampled;
    return context;
  }
  TaskId started(std::optional<TraceContext> by, std::optional<ForeignTerms> foreign = {}) {
    NewInference made = request();
    made.trace = by;
    made.foreign = std::move(foreign);
    const TaskId id = made.task;
    EXPECT_TRUE(start(std::move(made)));
    return id;
  }
  ClaimedTask claimed(const TaskId& id, TaskKind kind = TaskKind::kInference) {
    const auto found = store_->claim(kind, std::span(&id, 1), 1);
    EXPECT_TRUE(found && found->size() == 1);
    return found && !found->empty() ? found->front() : ClaimedTask{};
  }
  std::optional<TraceContext> recorded(const TaskId& id) {
    const auto record = store_->task(id);
    EXPECT_TRUE(record);
    return record ? record->trace : std::nullopt;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, TracesContract, testing::ValuesIn(store_factories()),
                         [](const auto& made) { return made.param.name; });

TEST_P(TracesContract, HandsTheTraceOfATaskToItsWorker) {
  const TaskId sampled = started(trace(1));
  const TaskId unsampled = started(trace(2, false));
  const TaskId untraced = started(std::nullopt);
  EXPECT_EQ(claimed(sampled).trace, trace(1));
  EXPECT_EQ(claimed(unsampled).trace, trace(2, false));
  EXPECT_EQ(claimed(untraced).trace, std::nullopt);
  EXPECT_EQ(recorded(sampled), trace(1));
  EXPECT_EQ(recorded(unsampled), trace(2, false));
  EXPECT_EQ(recorded(untraced), std::nullopt);
}

TEST_P(TracesContract, KeepsTheTraceInTheLedgerAlone) {
  const TaskId traced = started(trace(1));
  const TaskId untraced = started(std::nullopt);
  reopen();
  EXPECT_EQ(claimed(traced).trace, trace(1));
  EXPECT_EQ(claimed(untraced).trace, std::nullopt);
}

TEST_P(TracesContract, KeepsItOverAttemptsAndRetries) {
  const TaskId id = started(trace(1));
  ASSERT_TRUE(fail(claimed(id).lease, std::nullopt));
  ASSERT_TRUE(retry(id));
  const ClaimedTask again = claimed(id);
  EXPECT_EQ(again.trace, trace(1));
  ASSERT_TRUE(finish(again.lease));
  EXPECT_EQ(recorded(id), trace(1));
  const auto listed = store_->tasks({});
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->front().trace, trace(1));
}

TEST_P(TracesContract, KeepsItOfATraining) {
  const NewJob training{new_id(), traits_of(TaskKind::kTraining), "{}", clock_.wall(), std::nullopt,
                        trace(3)};
  const auto begun = await<TaskRecord>([&](auto done) { store_->start_job(training, std::nullopt, done); });
  ASSERT_TRUE(begun);
  EXPECT_EQ(begun->trace, trace(3));
  EXPECT_EQ(claimed(training.task, TaskKind::kTraining).trace, trace(3));
  reopen();
  EXPECT_EQ(recorded(training.task), trace(3));
  const auto listed = store_->tasks({.kind = TaskKind::kTraining});
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->front().trace, trace(3));
}

TEST_P(TracesContract, TellsItToWhoAnswersAnotherProgram) {
  const ForeignTerms terms{.reply = Reply{"queue", "correlation"}};
  const TaskId ranked = started(trace(4), terms);
  ASSERT_TRUE(finish(claimed(ranked).lease));
  RefusedTask refused{.id = new_id(), .reason = "no such task", .reply = terms.reply, .at = clock_.wall()};
  refused.trace = trace(5);
  ASSERT_TRUE(await<void>([&](auto done) { store_->refuse_task(refused, done); }));
  const auto due = store_->due_replies(clock_.wall(), 10);
  ASSERT_TRUE(due);
  ASSERT_EQ(due->size(), 2U);
  EXPECT_EQ(due->at(0).task.trace, trace(4));
  EXPECT_EQ(due->at(0).reply.correlation, "correlation");
  EXPECT_EQ(due->at(1).task.trace, trace(5));
  EXPECT_EQ(due->at(1).reply.to, "queue");
}

}  // namespace
}  // namespace rankloop::storage
