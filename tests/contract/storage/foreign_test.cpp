// Tasks that other programs sent.
#include <gmock/gmock.h>

#include "store_contract.h"

namespace rankloop::storage {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

class ForeignContract : public StoreContract {
 protected:
  NewInference foreign(ForeignTerms terms = {.reply = Reply{"queue", "correlation"}}) {
    NewInference made = request();
    made.source = RequestSource::kCelery;
    made.foreign = std::move(terms);
    return made;
  }
  TaskId started(ForeignTerms terms) {
    NewInference made = foreign(std::move(terms));
    const TaskId id = made.task;
    EXPECT_TRUE(start(std::move(made)));
    return id;
  }
  Status refuse(RefusedTask task) {
    return await<void>([&](auto done) { store_->refuse_task(std::move(task), done); });
  }
  RefusedTask refusal(std::optional<Reply> reply = Reply{"queue", "correlation"}) {
    return {new_id(),       TaskKind::kInference, TaskState::kFailed,
            "no such task", std::move(reply),     clock_.wall()};
  }
  Status forget(std::vector<TaskId> tasks) {
    return await<void>([&](auto done) { store_->forget_replies(std::move(tasks), done); });
  }
  std::vector<TaskId> due(int limit = 100) {
    const auto replies = store_->due_replies(clock_.wall(), limit);
    EXPECT_TRUE(replies);
    std::vector<TaskId> ids;
    for (const DueReply& one : *replies) ids.push_back(one.task.id);
    return ids;
  }
  TaskState state(const TaskId& id) {
    const auto record = store_->task(id);
    EXPECT_TRUE(record);
    return record ? record->state : TaskState::kReady;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, ForeignContract, testing::ValuesIn(store_factories()),
                         [](const auto& made) { return made.param.name; });

TEST_P(ForeignContract, RunsAForeignTaskLikeAnyOther) {
  NewInference made = foreign();
  made.candidate_fields = "3 {\"bm25\":2.5}\n";
  made.unknown_candidates = "no such\n";
  made.wishes = "[]";
  const TaskId id = made.task;
  const auto outcome = start(made);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(listener_.times_ready(id), 1);
  const auto claimed = store_->claim(TaskKind::kInference, std::span{&id, 1}, 1);
  ASSERT_TRUE(claimed && claimed->size() == 1);
  EXPECT_EQ(claimed->front().inference->wishes, made.wishes);
  ASSERT_TRUE(finish(claimed->front().lease));
  const auto record = store_->inference(id);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->candidate_fields, made.candidate_fields);
  EXPECT_THAT(store_->ranked(id)->ranking.left_out,
              testing::ElementsAre(LeftOut{{}, LeftOutReason::kUnknown, "no such"}));
  EXPECT_EQ(record->id, outcome->inference);
  EXPECT_EQ(record->ranking.items.size(), 3U);
}

TEST_P(ForeignContract, TakesTheSameTaskOnce) {
  NewInference made = foreign();
  const auto first = start(made);
  ASSERT_TRUE(first);
  EXPECT_EQ(code_of(start(made)), ErrorCode::kAlreadyExists);
  ASSERT_TRUE(finish(claim(made.task)));
  EXPECT_EQ(code_of(start(made)), ErrorCode::kAlreadyExists);
  EXPECT_EQ(state(made.task), TaskState::kSucceeded);
  EXPECT_EQ(listener_.times_ready(made.task), 1);
  EXPECT_EQ(due(), std::vector{made.task});
  const auto next = start(request());
  ASSERT_TRUE(next);
  EXPECT_EQ(next->inference.value, first->inference.value + 1) << "a task that was there used up a number";
}

TEST_P(ForeignContract, TellsWhoWaitsOnceATaskHasEnded) {
  const TaskId later = started({.reply = Reply{"", "a"}});
  const TaskId earlier = started({.reply = Reply{"queue", "b"}});
  const TaskId nobody = started(ForeignTerms{});
  EXPECT_THAT(due(), testing::IsEmpty());
  ASSERT_TRUE(finish(claim(earlier)));
  clock_.advance(1s);
  ASSERT_TRUE(cancel(later));
  ASSERT_TRUE(finish(claim(nobody)));
  clock_.advance(1s);
  EXPECT_EQ(due(), (std::vector{earlier, later}));
  EXPECT_EQ(due(1), std::vector{earlier});
  EXPECT_THAT(*store_->due_replies(clock_.wall() - 2s, 10), testing::SizeIs(1));
  const auto replies = store_->due_replies(clock_.wall(), 10);
  EXPECT_EQ(replies->front().reply.to, "queue");
  EXPECT_EQ(replies->front().reply.correlation, "b");
  EXPECT_EQ(replies->front().task.state, TaskState::kSucceeded);
  EXPECT_EQ(replies->back().reply.to, "");
  EXPECT_EQ(replies->back().task.error, "no more need");
}

TEST_P(ForeignContract, ForgetsWhoWaitedForGood) {
  const TaskId one = started({.reply = Reply{"queue", "a"}});
  const TaskId other = started({.reply = Reply{"queue", "b"}});
  ASSERT_TRUE(finish(claim(one)));
  ASSERT_TRUE(finish(claim(other)));
  ASSERT_TRUE(forget({one, new_id()}));
  EXPECT_EQ(due(), std::vector{other});
  reopen();
  EXPECT_EQ(due(), std::vector{other});
}

TEST_P(ForeignContract, KeepsARefusedTaskWithItsReason) {
  const RefusedTask refused = refusal();
  ASSERT_TRUE(refuse(refused));
  const auto record = store_->task(refused.id);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->state, TaskState::kFailed);
  EXPECT_EQ(record->error, "no such task");
  EXPECT_EQ(record->attempt, 0);
  EXPECT_EQ(record->finished, clock_.wall());
  EXPECT_EQ(listener_.changes_of(refused.id), std::vector{TaskState::kFailed});
  EXPECT_EQ(due(), std::vector{refused.id});
  EXPECT_EQ(code_of(refuse(refused)), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of(retry(refused.id)), ErrorCode::kFailedPrecondition) << "there is nothing to run";
}

TEST_P(ForeignContract, RefusesInAnyFinalState) {
  for (const TaskState wanted : {TaskState::kCancelled, TaskState::kExpired}) {
    RefusedTask refused = refusal(std::nullopt);
    refused.state = wanted;
    refused.kind = TaskKind::kTraining;
    ASSERT_TRUE(refuse(refused));
    EXPECT_EQ(state(refused.id), wanted);
  }
  EXPECT_THAT(due(), testing::IsEmpty());
}

TEST_P(ForeignContract, DoesNotBeginBeforeItsMoment) {
  const TaskId id = started({.not_before = clock_.wall() + 60s});
  EXPECT_EQ(state(id), TaskState::kScheduled);
  EXPECT_EQ(store_->task(id)->run_at, clock_.wall() + 60s);
  EXPECT_EQ(listener_.times_ready(id), 0);
  EXPECT_THAT(*store_->claim(TaskKind::kInference, std::span(&id, 1), 1), testing::IsEmpty());
  reopen();
  clock_.advance(59s);
  ASSERT_TRUE(store_->sweep());
  EXPECT_THAT(*store_->claim(TaskKind::kInference, {}, 1), testing::IsEmpty());
  clock_.advance(1s);
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(listener_.times_ready(id), 1);
  EXPECT_TRUE(finish(claim(id)));
}

TEST_P(ForeignContract, BeginsAtOnceWhenItsMomentHasPassed) {
  const TaskId id = started({.not_before = clock_.wall() - 1ms});
  EXPECT_EQ(state(id), TaskState::kReady);
  EXPECT_EQ(listener_.times_ready(id), 1);
}

TEST_P(ForeignContract, ExpiresWhatHasNotBegun) {
  const ForeignTerms terms{.reply = Reply{"queue", "a"}, .expires = clock_.wall() + 10s};
  const TaskId ready = started(terms);
  ForeignTerms scheduled_terms = terms;
  scheduled_terms.not_before = clock_.wall() + 10s;
  const TaskId scheduled = started(scheduled_terms);
  const TaskId begun = started(terms);
  const Lease lease = claim(begun);
  clock_.advance(9s);
  ASSERT_TRUE(store_->sweep());
  drain();
  EXPECT_EQ(state(ready), TaskState::kReady);
  clock_.advance(1s);
  ASSERT_TRUE(store_->sweep());
  drain();
  EXPECT_EQ(state(ready), TaskState::kExpired);
  EXPECT_EQ(state(scheduled), TaskState::kExpired);
  EXPECT_THAT(store_->task(ready)->error, testing::HasSubstr("expired"));
  EXPECT_EQ(listener_.changes_of(ready), std::vector{TaskState::kExpired});
  EXPECT_THAT(due(), testing::UnorderedElementsAre(ready, scheduled));
  EXPECT_TRUE(finish(lease)) << "what has begun may end";
}

TEST_P(ForeignContract, ExpiresAlsoWhatTheLastProcessLeft) {
  const TaskId id = started({.expires = clock_.wall() + 10s});
  reopen();
  clock_.advance(10s);
  ASSERT_TRUE(store_->sweep());
  drain();
  EXPECT_EQ(state(id), TaskState::kExpired);
}

TEST_P(ForeignContract, RetriesAnExpiredTaskForGood) {
  const TaskId id = started({.expires = clock_.wall() + 10s});
  clock_.advance(10s);
  ASSERT_TRUE(store_->sweep());
  drain();
  ASSERT_TRUE(retry(id));
  ASSERT_TRUE(store_->sweep());
  drain();
  EXPECT_TRUE(finish(claim(id)));
}

TEST_P(ForeignContract, TrainsForAnotherProgram) {
  const NewJob training{new_id(), traits_of(TaskKind::kTraining), "{}", clock_.wall(),
                        ForeignTerms{.reply = Reply{"queue", "a"}}};
  const auto train = [&](const NewJob& one) {
    return await<TaskRecord>([&](auto done) { store_->start_job(one, std::nullopt, done); });
  };
  ASSERT_TRUE(train(training));
  EXPECT_EQ(code_of(train(training)), ErrorCode::kAlreadyExists);
  NewJob another = training;
  another.task = new_id();
  EXPECT_EQ(code_of(train(another)), ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(cancel(training.task));
  EXPECT_EQ(due(), std::vector{training.task});
}

TEST_P(ForeignContract, TrainsNotBeforeItsMoment) {
  const TaskId id = new_id();
  const NewJob training{id, traits_of(TaskKind::kTraining), "{}", clock_.wall(),
                        ForeignTerms{.not_before = clock_.wall() + 5s}};
  const auto begun = await<TaskRecord>([&](auto done) { store_->start_job(training, std::nullopt, done); });
  ASSERT_TRUE(begun);
  EXPECT_EQ(begun->state, TaskState::kScheduled);
  EXPECT_EQ(listener_.times_ready(id), 0);
  clock_.advance(5s);
  ASSERT_TRUE(store_->sweep());
  EXPECT_EQ(claim(id, TaskKind::kTraining).fence, 1);
}

}  // namespace
}  // namespace rankloop::storage
