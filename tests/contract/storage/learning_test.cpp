// What learning reads: requests with what was shown and what came of it, counts, shadows, imported history.
#include <gmock/gmock.h>

#include "contract/storage/store_contract.h"

namespace rankloop::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class LearningContract : public StoreContract {
 protected:
  // A finished inference of which the first `shown` results were shown.
  std::pair<TaskId, InferenceId> answered(int shown, int size = 20) {
    const auto made = finished(size);
    EXPECT_TRUE(expose(made.second, shown));
    return made;
  }
  // Picks the item at a rank of what finished() ranks.
  Result<Exposure> pick(const std::pair<TaskId, InferenceId>& of, int rank) {
    return give_feedback(of.first, of.second, ItemId{99 + rank}, rank);
  }
  Result<Exposure> pick_none(const std::pair<TaskId, InferenceId>& of) {
    return give_feedback(of.first, of.second, std::nullopt, 0);
  }
  std::vector<ShownRequest> shown_after(std::int64_t after) {
    std::vector<ShownRequest> requests;
    EXPECT_TRUE(store_->each_shown(InferenceId{after}, [&](const ShownRequest& request) {
      requests.push_back(request);
      return true;
    }));
    return requests;
  }
  OutcomeCounts outcomes(std::int64_t after = 0) {
    const auto counted = store_->outcome_counts(InferenceId{after}, 1'000);
    EXPECT_TRUE(counted);
    return counted ? *counted : OutcomeCounts{-1, -1};
  }
  std::int64_t nth_newest(std::int64_t n) {
    const auto found = store_->nth_newest_outcome(n);
    EXPECT_TRUE(found);
    return found ? found->value : -1;
  }
  // Of the model that ranking() names.
  ModelCounts counts() {
    const auto counted = store_->model_counts();
    EXPECT_TRUE(counted);
    if (!counted || counted->empty()) return {};
    EXPECT_THAT(*counted, SizeIs(1));
    return counted->front();
  }
  static ModelCounts of_seven(std::int64_t shown, std::int64_t picked, std::int64_t none, double value) {
    return {ModelId{7}, shown, picked, none, value};
  }

  ImportedRequest imported(std::vector<ItemId> shown, std::vector<Feedback> feedback) {
    ImportedRequest made;
    made.task = new_id();
    made.payload = R"({"name":"Bo"})";
    made.person = "bo";
    made.domain_version = 2;
    made.shown = std::move(shown);
    made.feedback = std::move(feedback);
    made.at = clock_.wall() - std::chrono::hours{24};
    return made;
  }
  Feedback picked(std::int64_t item, int rank) {
    return {ItemId{item}, rank, kPickKind, 2.5, 1, clock_.wall() - std::chrono::hours{23}};
  }
  Result<ImportedCounts> import(std::vector<ImportedRequest> requests) {
    return await<ImportedCounts>([&](auto done) { store_->import_requests(std::move(requests), 3, done); });
  }
  ImportedRequest named(std::string key, char content) {
    ImportedRequest made = imported({ItemId{1}, ItemId{2}}, {picked(2, 2)});
    made.key = std::move(key);
    made.content = std::string(32, content);
    return made;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, LearningContract, testing::ValuesIn(store_factories()),
                         [](const auto& made) { return made.param.name; });

TEST_P(LearningContract, StreamsWhatWasShownInOrder) {
  NewInference made = request();
  made.person = "ada";
  made.candidate_fields = "101 {\"bm25\":2.5}\n";
  ASSERT_TRUE(start(made));
  Ranking ranked = ranking(20);
  ranked.policy = Policy::uniform();
  for (int i = 0; i < 20; ++i)
    ranked.items[static_cast<std::size_t>(i)].propensity = 1 / static_cast<float>(20 - i);
  const auto first = finish(claim(made.task), ranked);
  ASSERT_TRUE(first);
  ASSERT_TRUE(expose(first->inference, 4));
  ASSERT_TRUE(expose(first->inference, 10));
  started();                                    // never ranked
  finished();                                   // never shown
  ASSERT_TRUE(expose(finished(0).second, 10));  // nothing to show
  const auto last = answered(3);
  ASSERT_TRUE(pick_none({made.task, first->inference}));
  ASSERT_TRUE(pick({made.task, first->inference}, 9));
  ASSERT_TRUE(pick(last, 2));

  const std::vector<ShownRequest> requests = shown_after(0);
  ASSERT_THAT(requests, SizeIs(2));
  const ShownRequest& request = requests.front();
  EXPECT_EQ(request.id, first->inference);
  EXPECT_EQ(request.user, first->user);
  EXPECT_EQ(request.task, made.task);
  EXPECT_EQ(request.person, "ada");
  EXPECT_EQ(request.created, made.at);
  EXPECT_EQ(request.domain_version, 1);
  EXPECT_EQ(request.payload, made.payload);
  EXPECT_EQ(request.candidate_fields, made.candidate_fields);
  EXPECT_EQ(requests.back().candidate_fields, "");
  EXPECT_EQ(request.source, RequestSource::kApi);
  EXPECT_EQ(request.ranking.items, std::vector(ranked.items.begin(), ranked.items.begin() + 10));
  EXPECT_EQ(request.ranking.model, ranked.model);
  EXPECT_EQ(request.ranking.policy, ranked.policy);
  EXPECT_EQ(request.ranking.seed, ranked.seed);
  EXPECT_EQ(request.ranking.catalog_version, ranked.catalog_version);
  ASSERT_THAT(request.feedback, SizeIs(2));
  EXPECT_EQ(request.feedback[0].kind, kNoneKind);
  EXPECT_EQ(request.feedback[1].item, ItemId{108});
  EXPECT_EQ(request.feedback[1].rank, 9);
  EXPECT_EQ(requests.back().id, last.second);
  EXPECT_EQ(requests.back().person, "");
  EXPECT_THAT(requests.back().ranking.items, SizeIs(3));
  EXPECT_THAT(requests.back().feedback, SizeIs(1));
}

TEST_P(LearningContract, StreamsOnlyWhatComesAfterAndStopsWhenAsked) {
  std::vector<InferenceId> all;
  for (int i = 0; i < 5; ++i) {
    const auto made = answered(2);
    ASSERT_TRUE(pick(made, 1));
    all.push_back(made.second);
  }
  const std::vector<ShownRequest> later = shown_after(all[2].value);
  ASSERT_THAT(later, SizeIs(2));
  EXPECT_EQ(later.front().id, all[3]);
  EXPECT_THAT(later.front().feedback, SizeIs(1));
  int visits = 0;
  ASSERT_TRUE(store_->each_shown(InferenceId{}, [&](const ShownRequest&) { return ++visits < 2; }));
  EXPECT_EQ(visits, 2);
  EXPECT_THAT(shown_after(all.back().value), IsEmpty());
}

TEST_P(LearningContract, StreamsOneSnapshot) {
  answered(2);
  answered(2);
  int visits = 0;
  ASSERT_TRUE(store_->each_shown(InferenceId{}, [&](const ShownRequest&) {
    if (++visits == 1) answered(2);  // a write goes on while somebody reads
    return true;
  }));
  EXPECT_EQ(visits, 2);
  EXPECT_THAT(shown_after(0), SizeIs(3));
}

TEST_P(LearningContract, CountsAsOutcomeWhatFollowedAnExposure) {
  const auto picked_one = answered(3);
  ASSERT_TRUE(pick(picked_one, 1));
  ASSERT_TRUE(pick(picked_one, 2));
  const auto none = answered(3);
  ASSERT_TRUE(pick_none(none));
  answered(3);  // nothing came of it
  const auto unseen = finished();
  ASSERT_TRUE(pick_none(unseen));  // nobody saw anything
  const TaskId waiting = started();
  ASSERT_TRUE(give_feedback(waiting, InferenceId{5}, std::nullopt, 0));
  OutcomeCounts counted = outcomes();
  EXPECT_EQ(counted.shown, 3);
  EXPECT_EQ(counted.with_outcome, 2);
  counted = outcomes(picked_one.second.value);
  EXPECT_EQ(counted.shown, 2);
  EXPECT_EQ(counted.with_outcome, 1);
  EXPECT_FALSE(store_->inference(unseen.second)->feedback.front().evidence);
  EXPECT_FALSE(store_->inference(waiting)->feedback.front().evidence);
  EXPECT_TRUE(store_->inference(none.second)->feedback.front().evidence);
  // Shown later, what was said before still tells nothing; what is said now does.
  ASSERT_TRUE(expose(unseen.second, 2));
  EXPECT_EQ(outcomes().with_outcome, 2);
  EXPECT_EQ(outcomes().shown, 4);
  ASSERT_TRUE(pick_none(unseen));
  EXPECT_EQ(outcomes().with_outcome, 3);
}

TEST_P(LearningContract, FindsTheRequestWhereTheNewestOutcomesBegin) {
  EXPECT_EQ(nth_newest(1), 0);
  std::vector<std::int64_t> with;
  for (int i = 0; i < 6; ++i) {
    const auto made = answered(3);
    if (i % 2 == 1) continue;
    ASSERT_TRUE(pick(made, 1));
    ASSERT_TRUE(pick_none(made));
    with.push_back(made.second.value);
  }
  ASSERT_TRUE(pick_none(finished()));
  EXPECT_EQ(nth_newest(1), with[2]);
  EXPECT_EQ(nth_newest(2), with[1]);
  EXPECT_EQ(nth_newest(3), with[0]);
  EXPECT_EQ(nth_newest(4), 0);
  EXPECT_EQ(outcomes(nth_newest(2) - 1).with_outcome, 2);
  const auto bounded = store_->outcome_counts(InferenceId{}, 2);
  ASSERT_TRUE(bounded);
  EXPECT_EQ(bounded->shown, 2);
  EXPECT_EQ(bounded->with_outcome, 2);
  EXPECT_EQ(code_of(store_->nth_newest_outcome(0)), ErrorCode::kInvalidArgument);
}

TEST_P(LearningContract, CountsARequestOnceForItsModel) {
  EXPECT_THAT(*store_->model_counts(), IsEmpty());
  const auto first = answered(5);
  ASSERT_TRUE(expose(first.second, 3));
  ASSERT_TRUE(expose(first.second, 9));
  EXPECT_EQ(counts(), of_seven(1, 0, 0, 0));
  ASSERT_TRUE(pick(first, 1));
  ASSERT_TRUE(pick(first, 1));
  ASSERT_TRUE(pick_none(first));
  EXPECT_EQ(counts(), of_seven(1, 1, 0, 1));
  NewFeedback dear{first.first, first.second, ItemId{101}, 2, kPickKind, 2.5, 1, clock_.wall()};
  ASSERT_TRUE(await<Exposure>([&](auto done) { store_->record_feedback(dear, std::nullopt, done); }));
  EXPECT_EQ(counts(), of_seven(1, 1, 0, 3.5));
  const auto second = answered(5);
  ASSERT_TRUE(pick_none(second));
  ASSERT_TRUE(pick_none(second));
  EXPECT_EQ(counts(), of_seven(2, 1, 1, 3.5));
  // Thought better of: it no longer ended with none.
  ASSERT_TRUE(pick(second, 1));
  EXPECT_EQ(counts(), of_seven(2, 2, 0, 4.5));
  ASSERT_TRUE(pick_none(finished()));
  ASSERT_TRUE(expose(finished(0).second, 5));
  EXPECT_EQ(counts(), of_seven(2, 2, 0, 4.5));
  reopen();
  EXPECT_EQ(counts(), of_seven(2, 2, 0, 4.5));
}

TEST_P(LearningContract, CountsEachModelApart) {
  for (const std::int64_t model : {9, 7, 9, 0}) {
    const TaskId id = started();
    Ranking made = ranking();
    made.model = ModelId{model};
    const auto done = finish(claim(id), std::move(made));
    ASSERT_TRUE(done);
    ASSERT_TRUE(expose(done->inference, 3));
    if (model == 9) ASSERT_TRUE(give_feedback(id, done->inference, ItemId{100}, 1));
  }
  EXPECT_THAT(*store_->model_counts(), ElementsAre(ModelCounts{ModelId{}, 1, 0, 0, 0}, of_seven(1, 0, 0, 0),
                                                   ModelCounts{ModelId{9}, 2, 2, 0, 2}));
}

TEST_P(LearningContract, CountsNothingOfAWriteThatWasUndone) {
  const auto made = answered(3);
  RecordedAnswer<Exposure> keep{"k", "print",
                                [](const auto&) { return std::optional(KeptAnswer{"print", 200, "", {}}); }};
  ASSERT_TRUE(give_feedback(made.first, made.second, ItemId{100}, 1, keep));
  EXPECT_EQ(code_of(give_feedback(made.first, made.second, ItemId{101}, 2, keep)), ErrorCode::kAlreadyExists);
  EXPECT_EQ(code_of(pick(made, 4)), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(counts(), of_seven(1, 1, 0, 1));
}

TEST_P(LearningContract, CountsAllOfManyWritesInOneBatch) {
  std::vector<std::pair<TaskId, InferenceId>> all;
  for (int i = 0; i < 40; ++i) all.push_back(finished());
  for (const auto& [task, inference] : all) {
    store_->record_exposure({inference, 2, clock_.wall(), ExposureSource::kResults}, nullptr);
    store_->record_feedback({task, inference, ItemId{100}, 1, kPickKind, 1, 1, clock_.wall()}, std::nullopt,
                            nullptr);
    store_->record_feedback({task, inference, ItemId{103}, 4, kPickKind, 1, 1, clock_.wall()}, std::nullopt,
                            nullptr);
  }
  drain();
  EXPECT_EQ(counts(), of_seven(40, 40, 0, 40));
}

TEST_P(LearningContract, KeepsWhatTheShadowsWouldHaveAnswered) {
  const TaskId id = started();
  Ranking nine = ranking(4);
  nine.model = ModelId{9};
  nine.items[0].propensity = 0.75F;
  nine.policy = Policy::uniform();
  Ranking three = ranking(2);
  three.model = ModelId{3};
  const Lease lease = claim(id);
  const auto finish_with = [&](std::vector<Ranking> shadows) {
    return await<StartedInference>([&](auto done) {
      store_->finish_inference(lease, ranking(), std::move(shadows), clock_.wall(), done);
    });
  };
  EXPECT_EQ(code_of(finish_with({nine, nine})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(finish_with({ranking(kMaxRank + 1)})), ErrorCode::kInvalidArgument);
  const auto done = finish_with({nine, three});
  ASSERT_TRUE(done);
  EXPECT_EQ(code_of(finish_with({nine})), ErrorCode::kAborted);
  const auto shadows = store_->shadow_rankings(done->inference);
  ASSERT_TRUE(shadows);
  ASSERT_THAT(*shadows, SizeIs(2));
  EXPECT_EQ(shadows->at(0).model, ModelId{3});
  EXPECT_EQ(shadows->at(0).items, three.items);
  EXPECT_EQ(shadows->at(1).items, nine.items);
  EXPECT_EQ(shadows->at(1).policy, nine.policy);
  EXPECT_EQ(shadows->at(1).seed, nine.seed);
  EXPECT_EQ(shadows->at(1).catalog_version, nine.catalog_version);
  EXPECT_EQ(store_->inference(done->inference)->ranking.items, ranking().items);
  EXPECT_THAT(*store_->shadow_rankings(finished().second), IsEmpty());
  EXPECT_THAT(*store_->shadow_rankings(InferenceId{99}), IsEmpty());
}

TEST_P(LearningContract, TakesInWhatAnotherSystemShowed) {
  const auto own = answered(2);
  Feedback none = picked(0, 0);
  none.item.reset();
  none.kind = kNoneKind;
  const ImportedRequest first = imported({ItemId{30}, ItemId{10}, ItemId{20}}, {picked(20, 3)});
  const ImportedRequest second = imported({ItemId{10}}, {none});
  const ImportedRequest nothing = imported({}, {none});
  const auto count = import({first, second, nothing});
  ASSERT_TRUE(count);
  EXPECT_EQ(count->requests, 3);
  EXPECT_EQ(store_->counts().users, 4);
  EXPECT_EQ(store_->counts().inferences, 4);

  const auto record = store_->inference(first.task);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->state, TaskState::kSucceeded);
  EXPECT_EQ(record->created, first.at);
  EXPECT_THAT(record->ranking.items, ElementsAre(RankedItem{ItemId{30}, 0, 1}, RankedItem{ItemId{10}, 0, 1},
                                                 RankedItem{ItemId{20}, 0, 1}));
  EXPECT_EQ(record->ranking.policy, (Policy{PolicyKind::kImported}));
  EXPECT_EQ(record->ranking.model, ModelId{});
  EXPECT_EQ(record->ranking.catalog_version, 3);
  ASSERT_THAT(record->exposures, SizeIs(1));
  EXPECT_EQ(record->exposures.front().count, 3);
  EXPECT_EQ(record->exposures.front().source, ExposureSource::kImport);
  EXPECT_EQ(record->exposures.front().at, first.at);
  ASSERT_THAT(record->feedback, SizeIs(1));
  EXPECT_EQ(record->feedback.front().value, 2.5);
  EXPECT_EQ(record->feedback.front().at, first.feedback.front().at);
  EXPECT_EQ(store_->user(record->user)->person, "bo");
  EXPECT_EQ(store_->user(record->user)->payload, first.payload);
  const auto task = store_->task(first.task);
  ASSERT_TRUE(task);
  EXPECT_EQ(task->state, TaskState::kSucceeded);
  EXPECT_EQ(task->inference, record->id);

  const std::vector<ShownRequest> requests = shown_after(own.second.value);
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_EQ(requests[0].source, RequestSource::kImport);
  EXPECT_EQ(requests[0].domain_version, 2);
  EXPECT_EQ(requests[1].feedback.front().kind, kNoneKind);
  EXPECT_EQ(outcomes().with_outcome, 2);
  EXPECT_FALSE(store_->inference(nothing.task)->feedback.front().evidence);
  EXPECT_EQ(counts(), of_seven(1, 0, 0, 0));  // no model of ours showed it
  ASSERT_TRUE(start(request()));
  EXPECT_EQ(store_->counts().inferences, 5);
}

TEST_P(LearningContract, ImportsAllOrNothing) {
  const ImportedRequest good = imported({ItemId{1}, ItemId{2}}, {});
  for (const Feedback& wrong : {picked(2, 1), picked(1, 0), picked(2, 3), picked(3, 2)}) {
    const auto refused = import({good, imported({ItemId{1}, ItemId{2}}, {wrong})});
    EXPECT_EQ(code_of(refused), ErrorCode::kInvalidArgument);
    EXPECT_THAT(refused.error().message, testing::HasSubstr(std::to_string(wrong.item->value)));
  }
  EXPECT_EQ(code_of(import({good, good})), ErrorCode::kAlreadyExists);
  EXPECT_EQ(store_->counts().inferences, 0);
  EXPECT_EQ(code_of(store_->task(good.task)), ErrorCode::kNotFound);
  EXPECT_EQ(import({})->requests, 0);
  ASSERT_TRUE(import({good}));
  EXPECT_EQ(store_->counts().inferences, 1);
}

TEST_P(LearningContract, ImportsARequestWithAKeyOnce) {
  const auto first = import({named("a", 'x'), named("b", 'y'), imported({ItemId{1}}, {})});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->requests, 3);
  const auto again = import({named("a", 'x'), named("c", 'z'), named("c", 'z'), named("b", 'y')});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->requests, 1);
  EXPECT_EQ(again->repeated, 3);
  EXPECT_EQ(store_->counts().inferences, 4);
  EXPECT_THAT(shown_after(0), SizeIs(4));
}

TEST_P(LearningContract, RefusesAnotherRequestUnderAKey) {
  ASSERT_TRUE(import({named("a", 'x')}));
  for (std::vector<ImportedRequest> requests :
       {std::vector{named("new", 'n'), named("a", 'y')}, std::vector{named("new", 'n'), named("new", 'm')}}) {
    const auto refused = import(std::move(requests));
    EXPECT_EQ(code_of(refused), ErrorCode::kAlreadyExists);
  }
  EXPECT_EQ(store_->counts().inferences, 1);
  EXPECT_TRUE(import({named("new", 'n')}));
}

TEST_P(LearningContract, KeepsThePropensitiesOfAnImportedRequest) {
  ImportedRequest told = imported({ItemId{1}, ItemId{2}}, {});
  told.propensities = {0.25F, 0.5F};
  ASSERT_TRUE(import({told, imported({ItemId{2}}, {})}));
  const std::vector<ShownRequest> requests = shown_after(0);
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_FALSE(requests[0].ranking.policy.deterministic);
  EXPECT_EQ(requests[0].ranking.items[0].propensity, 0.25F);
  EXPECT_EQ(requests[0].ranking.items[1].propensity, 0.5F);
  EXPECT_TRUE(requests[1].ranking.policy.deterministic);
  EXPECT_EQ(requests[1].ranking.items[0].propensity, 1);
  told.propensities.pop_back();
  told.task = new_id();
  EXPECT_EQ(code_of(import({told})), ErrorCode::kInvalidArgument);
}

TEST_P(LearningContract, KeepsWhatImportedRequestsSayOfTheirItems) {
  ImportedRequest told = imported({ItemId{1}, ItemId{2}}, {});
  told.candidate_fields = "2 {\"bm25\":2.5}\n";
  ASSERT_TRUE(import({told, imported({ItemId{2}}, {})}));
  const std::vector<ShownRequest> requests = shown_after(0);
  ASSERT_THAT(requests, SizeIs(2));
  EXPECT_EQ(requests[0].candidate_fields, told.candidate_fields);
  EXPECT_EQ(requests[1].candidate_fields, "");
}

}  // namespace
}  // namespace rankloop::storage
