// Requests, rankings, exposures and feedback.
#include <gmock/gmock.h>

#include "contract/storage/store_contract.h"

namespace rankloop::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class InferenceContract : public StoreContract {};
INSTANTIATE_TEST_SUITE_P(Stores, InferenceContract, testing::ValuesIn(store_factories()),
                         [](const auto& made) { return made.param.name; });

TEST_P(InferenceContract, NumbersUsersAndInferencesWithoutGaps) {
  for (std::int64_t n = 1; n <= 3; ++n) {
    const auto outcome = start(request());
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->user.value, n);
    EXPECT_EQ(outcome->inference.value, n);
  }
  EXPECT_EQ(store_->counts().users, 3);
  EXPECT_EQ(store_->counts().inferences, 3);
  reopen();
  EXPECT_EQ(store_->counts().inferences, 3);
}

TEST_P(InferenceContract, StoresTheUserOfARequest) {
  NewInference made = request();
  made.person = "ada";
  ASSERT_TRUE(start(std::move(made)));
  ASSERT_TRUE(start(request()));
  const auto user = store_->user(RequestId{1});
  ASSERT_TRUE(user);
  EXPECT_EQ(user->payload, R"({"name":"Ada","people_num":2})");
  EXPECT_EQ(user->person, "ada");
  EXPECT_EQ(user->created, clock_.wall());
  EXPECT_EQ(user->domain_version, 1);
  EXPECT_EQ(code_of(store_->user(RequestId{3})), ErrorCode::kNotFound);
  const auto second = store_->users(1, 10);
  ASSERT_TRUE(second);
  ASSERT_THAT(*second, SizeIs(1));
  EXPECT_EQ(second->front().id.value, 2);
}

TEST_P(InferenceContract, HandsTheRequestToTheWorkerWithItsColumns) {
  NewInference made = request();
  made.candidates = {ItemId{5}, ItemId{70'000}};
  made.candidates_given = true;
  const TaskId id = made.task;
  ASSERT_TRUE(start(std::move(made)));
  EXPECT_EQ(listener_.times_ready(id), 1);
  const auto claimed = store_->claim(TaskKind::kInference, {}, 10);
  ASSERT_TRUE(claimed);
  ASSERT_THAT(*claimed, SizeIs(1));
  EXPECT_EQ(claimed->front().lease.task, id);
  EXPECT_EQ(claimed->front().attempt, 1);
  EXPECT_THAT(claimed->front().inference->values.numbers, ElementsAre(1, 2));
  EXPECT_THAT(claimed->front().inference->candidates, ElementsAre(ItemId{5}, ItemId{70'000}));
}

TEST_P(InferenceContract, AnswersResultsOnlyOnceSucceeded) {
  const TaskId id = started();
  auto record = store_->inference(id);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->state, TaskState::kReady);
  EXPECT_THAT(record->ranking.items, IsEmpty());
  const Lease lease = claim(id);
  record = store_->inference(id);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->state, TaskState::kRunning);
  Ranking made = ranking(210);
  made.policy = Policy::uniform();
  made.items[1].propensity = 0.25F;
  const Ranking expected = made;
  ASSERT_TRUE(finish(lease, made));
  record = store_->inference(id);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->state, TaskState::kSucceeded);
  EXPECT_EQ(record->ranking.items, expected.items);
  EXPECT_EQ(record->ranking.policy, expected.policy);
  EXPECT_EQ(record->ranking.seed, expected.seed);
  EXPECT_EQ(record->ranking.model, expected.model);
  EXPECT_EQ(record->ranking.catalog_version, expected.catalog_version);
  const auto by_number = store_->inference(record->id);
  ASSERT_TRUE(by_number);
  EXPECT_EQ(by_number->task, id);
  EXPECT_EQ(by_number->user, record->user);
}

TEST_P(InferenceContract, AnswersWhatAnsweringTakes) {
  const TaskId id = started();
  auto ranked = store_->ranked(id);
  ASSERT_TRUE(ranked);
  EXPECT_EQ(ranked->state, TaskState::kReady);
  EXPECT_THAT(ranked->ranking.items, IsEmpty());
  const Ranking made = ranking(210);
  ASSERT_TRUE(finish(claim(id), made));
  ranked = store_->ranked(id);
  ASSERT_TRUE(ranked);
  EXPECT_EQ(ranked->shown, 0);
  ASSERT_TRUE(expose(ranked->id, 3));
  ASSERT_TRUE(expose(ranked->id, 10));
  ranked = store_->ranked(id);
  const auto whole = store_->inference(id);
  ASSERT_TRUE(ranked && whole);
  EXPECT_EQ(ranked->shown, 10);
  EXPECT_EQ(ranked->id, whole->id);
  EXPECT_EQ(ranked->user, whole->user);
  EXPECT_EQ(ranked->state, TaskState::kSucceeded);
  EXPECT_EQ(ranked->attempt, 1);
  EXPECT_EQ(ranked->ranking.items, made.items);
  EXPECT_EQ(ranked->ranking.policy, whole->ranking.policy);
  EXPECT_EQ(ranked->ranking.seed, made.seed);
  EXPECT_EQ(ranked->ranking.model, made.model);
  EXPECT_EQ(ranked->ranking.catalog_version, made.catalog_version);
}

TEST_P(InferenceContract, AnswersNotFoundForUnknownIds) {
  EXPECT_EQ(code_of(store_->ranked(new_id())), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(store_->inference(new_id())), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(store_->inference(InferenceId{9})), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(store_->task(new_id())), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(expose(InferenceId{9}, 1)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(give_feedback(new_id(), InferenceId{9}, std::nullopt, 0)), ErrorCode::kNotFound);
}

TEST_P(InferenceContract, RefusesAnIdThatIsTaken) {
  const NewInference made = request();
  ASSERT_TRUE(start(made));
  EXPECT_EQ(code_of(start(made)), ErrorCode::kAlreadyExists);
  ASSERT_TRUE(finish(claim(made.task)));
  EXPECT_EQ(code_of(start(made)), ErrorCode::kAlreadyExists);
  EXPECT_FALSE(store_->live_state(made.task));
  EXPECT_EQ(store_->counts().inferences, 1);
}

TEST_P(InferenceContract, RefusesARankingThatIsTooLong) {
  const Lease lease = claim(started());
  EXPECT_EQ(code_of(finish(lease, ranking(kMaxRank + 1))), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(finish(lease, ranking(kMaxRank)));
}

TEST_P(InferenceContract, KeepsAnEmptyRanking) {
  const auto [task, inference] = finished(0);
  const auto record = store_->inference(task);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->state, TaskState::kSucceeded);
  EXPECT_THAT(record->ranking.items, IsEmpty());
  const auto shown = expose(inference, 10);
  ASSERT_TRUE(shown);
  EXPECT_THAT(*shown, IsEmpty());
}

TEST_P(InferenceContract, KeepsWhatARequestSaysOfItsCandidatesAndWhatWasLeftOut) {
  NewInference made = request();
  made.candidates = {ItemId{100}, ItemId{9}};
  made.candidates_given = true;
  made.candidate_fields = "100 {\"bm25\":2.5,\"label\":\"ü\"}\n";
  made.unknown_candidates = "no such\n🍏\n";
  ASSERT_TRUE(start(made));
  Ranking ranked = ranking(1);
  ranked.left_out = {{ItemId{9}, LeftOutReason::kDeleted}, {ItemId{100}, LeftOutReason::kDoubled}};
  ASSERT_TRUE(finish(claim(made.task), ranked));
  const auto [untold, inference] = finished();
  reopen();
  const auto record = store_->inference(made.task);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->candidate_fields, made.candidate_fields);
  EXPECT_EQ(record->ranking.left_out, ranked.left_out);
  const auto answered = store_->ranked(made.task);
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->candidate_fields, made.candidate_fields);
  std::vector<LeftOut> told = ranked.left_out;
  append_unknown(made.unknown_candidates, told);
  EXPECT_EQ(answered->ranking.left_out, told);
  EXPECT_EQ(store_->ranked(untold)->candidate_fields, "");
  EXPECT_THAT(store_->ranked(untold)->ranking.left_out, IsEmpty());
}

TEST_P(InferenceContract, HandsWishesToWhoRanksAndKeepsThemWithThePolicy) {
  NewInference made = request();
  made.wishes = R"([{"name":"ü","off":true}])";
  ASSERT_TRUE(start(made));
  reopen();
  const auto claimed = store_->claim(TaskKind::kInference, std::span{&made.task, 1}, 1);
  ASSERT_TRUE(claimed && claimed->size() == 1);
  EXPECT_EQ(claimed->front().inference->wishes, made.wishes);
  Ranking ranked = ranking(3);
  ranked.policy.wishes = "[";  // more than a row of an index holds, and nothing that packs well
  for (int i = 0; i < 500; ++i)
    ranked.policy.wishes +=
        (i > 0 ? "," : "") + std::to_string(static_cast<std::uint64_t>(i + 1) * 0x9e3779b97f4a7c15U);
  ranked.policy.wishes += "]";
  ranked.policy.pinned = {2};
  ASSERT_TRUE(finish(claimed->front().lease, ranked));
  reopen();
  const auto record = store_->inference(made.task);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->ranking.policy, ranked.policy);
}

TEST_P(InferenceContract, RecordsOnlyWhatWasNotShownBefore) {
  const auto [task, inference] = finished(20);
  auto shown = expose(inference, 10);
  ASSERT_TRUE(shown);
  ASSERT_THAT(*shown, SizeIs(1));
  EXPECT_EQ(shown->front().count, 10);
  const WallTime first = clock_.wall();
  clock_.advance(std::chrono::seconds{5});
  ASSERT_TRUE(expose(inference, 5));
  shown = expose(inference, 1'000);
  ASSERT_TRUE(shown);
  ASSERT_THAT(*shown, SizeIs(2));
  EXPECT_EQ(shown->front().at, first);
  EXPECT_EQ(shown->back().first_rank, 11);
  EXPECT_EQ(shown->back().count, 10);
  EXPECT_EQ(shown->back().source, ExposureSource::kResults);
  const auto record = store_->inference(task);
  ASSERT_TRUE(record);
  EXPECT_THAT(record->exposures, SizeIs(2));
}

TEST_P(InferenceContract, ShowsNothingBeforeThereAreResults) {
  ASSERT_TRUE(start(request()));
  EXPECT_EQ(code_of(expose(InferenceId{1}, 1)), ErrorCode::kFailedPrecondition);
}

TEST_P(InferenceContract, TakesAPickOfWhatWasShown) {
  const auto [task, inference] = finished(20);
  ASSERT_TRUE(expose(inference, 10));
  const auto shown = give_feedback(task, inference, ItemId{104}, 5);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->first_rank, 1);
  EXPECT_EQ(shown->at, clock_.wall());
  ASSERT_TRUE(give_feedback(task, inference, ItemId{104}, 5));
  ASSERT_TRUE(give_feedback(task, inference, std::nullopt, 0));
  const auto record = store_->inference(task);
  ASSERT_TRUE(record);
  ASSERT_THAT(record->feedback, SizeIs(3));
  EXPECT_EQ(record->feedback[0].item, ItemId{104});
  EXPECT_EQ(record->feedback[0].rank, 5);
  EXPECT_EQ(record->feedback[0].kind, kPickKind);
  EXPECT_EQ(record->feedback[2].kind, kNoneKind);
  EXPECT_FALSE(record->feedback[2].item);
}

TEST_P(InferenceContract, RefusesAPickOfWhatWasNotShown) {
  const auto [task, inference] = finished(20);
  EXPECT_EQ(code_of(give_feedback(task, inference, ItemId{100}, 1)), ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(expose(inference, 10));
  EXPECT_EQ(code_of(give_feedback(task, inference, ItemId{110}, 11)), ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(give_feedback(task, inference, std::nullopt, 0));
}

TEST_P(InferenceContract, RefusesStartsWhenTooManyTasksWait) {
  options_.max_waiting_tasks = 2;
  reopen();
  const TaskId first = started();
  started();
  NewInference third = request();
  EXPECT_EQ(code_of(start(third)), ErrorCode::kResourceExhausted);
  EXPECT_FALSE(store_->live_state(third.task));
  ASSERT_TRUE(finish(claim(first)));
  EXPECT_TRUE(start(third));
}

}  // namespace
}  // namespace rankloop::storage
