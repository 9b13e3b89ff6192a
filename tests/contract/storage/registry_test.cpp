// Models: the champion, shares of the traffic, shadows, and the history of all that.
#include <gmock/gmock.h>

#include "contract/storage/store_contract.h"

namespace rankloop::storage {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class RegistryContract : public StoreContract {
 protected:
  NewModel model(bool promote, std::optional<Verdict> verdict = {}) {
    NewModel made;
    made.family = "mlp";
    made.artefact = "weights " + std::to_string(++made_);
    made.metrics = "{}";
    made.lineage = "{}";
    made.at = clock_.wall();
    made.promote = promote;
    made.actor = "gate";
    made.reason = "because";
    made.verdict = verdict;
    return made;
  }
  Result<ModelId> add(NewModel made) {
    return await<ModelId>([&](auto done) { store_->add_model(std::move(made), done); });
  }
  // Champions 1, 2 and 3, one after the other.
  void three_champions() {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(add(model(true)));
  }
  ModelChange change(std::string detail = {}) {
    return {"operator", "a reason", std::move(detail), clock_.wall(), "ann"};
  }
  Result<ModelRecord> remove(std::int64_t id) {
    return await<ModelRecord>(
        [&](auto done) { store_->remove_model(ModelId{id}, change(), std::nullopt, done); });
  }
  Result<ModelRecord> promote(std::int64_t id) {
    return await<ModelRecord>([&](auto done) {
      store_->promote_model(ModelId{id}, change(R"({"forced":true})"), std::nullopt, done);
    });
  }
  Result<ModelRecord> roll_back(std::optional<RecordedAnswer<ModelRecord>> keep = {}) {
    return await<ModelRecord>([&](auto done) { store_->rollback_model(change(), keep, done); });
  }
  Result<ModelRecord> share(std::int64_t id, double part) {
    return await<ModelRecord>(
        [&](auto done) { store_->share_traffic(ModelId{id}, part, change(), std::nullopt, done); });
  }
  Result<ModelRecord> shadow(std::int64_t id, bool on) {
    return await<ModelRecord>(
        [&](auto done) { store_->shadow_model(ModelId{id}, on, change(), std::nullopt, done); });
  }
  std::vector<ModelRecord> models() {
    auto found = store_->models();
    EXPECT_TRUE(found);
    return found ? *std::move(found) : std::vector<ModelRecord>{};
  }
  std::vector<ModelEvent> newest(int limit) {
    auto found = store_->model_history(std::nullopt, limit);
    EXPECT_TRUE(found);
    return found ? *std::move(found) : std::vector<ModelEvent>{};
  }
  std::vector<double> shares() {
    std::vector<double> all;
    for (const ModelRecord& record : models()) all.push_back(record.share);
    return all;
  }
  std::int64_t champion() {
    std::int64_t found = 0;
    for (const ModelRecord& record : models()) {
      if (!record.champion) continue;
      EXPECT_EQ(found, 0) << "two champions";
      found = record.id.value;
    }
    return found;
  }
  // "what model", newest first.
  std::vector<std::string> history() {
    std::vector<std::string> told;
    for (const ModelEvent& event : newest(100)) {
      told.push_back(std::string(name_of(event.what)) + " " + std::to_string(event.model.value));
    }
    return told;
  }

 private:
  int made_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Stores, RegistryContract, testing::ValuesIn(store_factories()),
                         [](const auto& made) { return made.param.name; });

TEST_P(RegistryContract, TellsWhatBecameOfEachModel) {
  ASSERT_TRUE(add(model(true)));
  ASSERT_TRUE(add(model(false)));
  NewModel rejected = model(false, Verdict::kReject);
  rejected.detail = R"({"delta":-0.01})";
  rejected.shadow = true;
  ASSERT_TRUE(add(rejected));
  ASSERT_TRUE(add(model(false, Verdict::kInsufficientEvidence)));
  ASSERT_TRUE(add(model(false, Verdict::kPromote)));  // the gate would have; nobody did
  NewModel promoted = model(true, Verdict::kPromote);
  promoted.shadow = true;
  ASSERT_TRUE(add(promoted));
  EXPECT_THAT(history(), ElementsAre("promoted 6", "trained 5", "insufficient_evidence 4", "shadow 3",
                                     "rejected 3", "trained 2", "promoted 1"));
  const std::vector<ModelRecord> all = models();
  ASSERT_THAT(all, SizeIs(6));
  EXPECT_EQ(all[2].verdict, Verdict::kReject);
  EXPECT_EQ(all[2].detail, R"({"delta":-0.01})");
  EXPECT_TRUE(all[2].shadow);
  EXPECT_FALSE(all[5].shadow);
  EXPECT_EQ(all[1].verdict, std::nullopt);
  EXPECT_EQ(champion(), 6);
}

TEST_P(RegistryContract, TellsItsHistoryInPagesFromTheNewest) {
  three_champions();
  const std::vector<ModelEvent> page = newest(2);
  ASSERT_THAT(page, SizeIs(2));
  EXPECT_EQ(page.front().model, ModelId{3});
  EXPECT_EQ(page.front().actor, "gate");
  EXPECT_EQ(page.front().reason, "because");
  EXPECT_EQ(page.front().at, clock_.wall());
  const auto older = store_->model_history(page.back().id, 2);
  ASSERT_TRUE(older);
  ASSERT_THAT(*older, SizeIs(1));
  EXPECT_EQ(older->front().model, ModelId{1});
  EXPECT_THAT(*store_->model_history(older->front().id, 2), IsEmpty());
}

TEST_P(RegistryContract, PromotesOverAllShares) {
  three_champions();
  ASSERT_TRUE(add(model(false)));
  ASSERT_TRUE(share(1, 0.25));
  ASSERT_TRUE(share(2, 0.25));
  ASSERT_TRUE(shadow(2, true));
  const std::int64_t version = store_->registry_version();
  const auto promoted = promote(2);
  ASSERT_TRUE(promoted);
  EXPECT_EQ(promoted->id, ModelId{2});
  EXPECT_TRUE(promoted->champion);
  EXPECT_FALSE(promoted->shadow);
  EXPECT_EQ(promoted->share, 1);
  EXPECT_EQ(champion(), 2);
  EXPECT_THAT(shares(), ElementsAre(0, 1, 0, 0));
  EXPECT_EQ(store_->registry_version(), version + 1);
  EXPECT_EQ(listener_.registry(), version + 1);
  const ModelEvent event = newest(1).front();
  EXPECT_EQ(event.what, ModelEventKind::kPromoted);
  EXPECT_EQ(event.actor, "operator");
  EXPECT_EQ(event.remark, "ann");
  EXPECT_EQ(event.reason, "a reason");
  EXPECT_EQ(event.detail, R"({"forced":true})");
  // Once more changes nothing.
  ASSERT_TRUE(promote(2));
  EXPECT_EQ(store_->registry_version(), version + 1);
  EXPECT_EQ(newest(1).front().id, event.id);
  EXPECT_EQ(code_of(promote(5)), ErrorCode::kNotFound);
  reopen();
  EXPECT_EQ(champion(), 2);
  EXPECT_EQ(store_->registry_version(), version + 1);
}

TEST_P(RegistryContract, TellsWhichSharesAndShadowsAPromotionEnds) {
  three_champions();
  ASSERT_TRUE(share(1, 0.25));
  ASSERT_TRUE(share(2, 0.5));
  ASSERT_TRUE(shadow(2, true));
  ASSERT_TRUE(promote(2));
  const std::vector<ModelEvent> told = newest(3);
  EXPECT_EQ(told.at(0).what, ModelEventKind::kPromoted);
  EXPECT_EQ(told.at(1).what, ModelEventKind::kShadow);
  EXPECT_EQ(told.at(1).model, ModelId{2});
  EXPECT_EQ(told.at(1).detail, R"({"shadow":false})");
  EXPECT_EQ(told.at(2).what, ModelEventKind::kShare);
  EXPECT_EQ(told.at(2).model, ModelId{1});
  EXPECT_EQ(told.at(2).detail, R"({"share":0})");
  EXPECT_EQ(told.at(2).actor, "operator");
  EXPECT_EQ(told.at(2).remark, "ann");
  EXPECT_EQ(told.at(2).reason, "Model 2 was promoted");
}

TEST_P(RegistryContract, TellsWhichSharesANewChampionAndARollbackEnd) {
  three_champions();
  ASSERT_TRUE(share(1, 0.25));
  ASSERT_TRUE(add(model(true, Verdict::kPromote)));
  EXPECT_EQ(newest(2).at(1).reason, "Model 4 was promoted");
  EXPECT_EQ(newest(2).at(1).model, ModelId{1});
  EXPECT_EQ(newest(2).at(1).actor, "gate");
  ASSERT_TRUE(share(2, 0.5));
  ASSERT_TRUE(roll_back());
  EXPECT_THAT(newest(2).at(1).reason, HasSubstr("rolled back to model 3"));
  EXPECT_EQ(newest(2).at(1).model, ModelId{2});
  // Who had nothing loses nothing.
  ASSERT_TRUE(roll_back());
  EXPECT_EQ(newest(2).at(0).what, ModelEventKind::kRolledBack);
  EXPECT_EQ(newest(2).at(1).what, ModelEventKind::kRolledBack);
}

TEST_P(RegistryContract, RollsBackFurtherEachTime) {
  three_champions();
  const auto back = roll_back();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->id, ModelId{2});
  EXPECT_EQ(champion(), 2);
  EXPECT_THAT(shares(), ElementsAre(0, 1, 0));
  ASSERT_TRUE(roll_back());
  EXPECT_EQ(champion(), 1);
  const auto refused = roll_back();
  EXPECT_EQ(code_of(refused), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, HasSubstr("before model 1"));
  EXPECT_EQ(champion(), 1);
  EXPECT_EQ(store_->registry_version(), 5);
  EXPECT_THAT(history(),
              ElementsAre("rolled_back 1", "rolled_back 2", "promoted 3", "promoted 2", "promoted 1"));
}

TEST_P(RegistryContract, RollsBackWhatWasPromotedAfterARollback) {
  three_champions();
  ASSERT_TRUE(roll_back());  // 2
  ASSERT_TRUE(promote(3));   // 3 again
  ASSERT_TRUE(promote(1));   // an old one
  EXPECT_EQ(roll_back()->id, ModelId{3});
  EXPECT_EQ(roll_back()->id, ModelId{2});
  EXPECT_EQ(roll_back()->id, ModelId{1});
  EXPECT_EQ(code_of(roll_back()), ErrorCode::kFailedPrecondition);
}

TEST_P(RegistryContract, HasNothingToRollBackWithoutAChampion) {
  EXPECT_EQ(code_of(roll_back()), ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(add(model(false)));
  EXPECT_EQ(code_of(roll_back()), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of(share(1, 0.5)), ErrorCode::kFailedPrecondition);
}

TEST_P(RegistryContract, RemovesAModelAndNeverGivesItsNumberAgain) {
  three_champions();
  NewModel made = model(false, Verdict::kReject);
  const std::string bytes = made.artefact;
  ASSERT_TRUE(add(made));
  const std::string hash = models().back().artefact_hash;
  const std::int64_t version = store_->registry_version();
  const auto removed = remove(4);
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->id, ModelId{4});
  EXPECT_EQ(removed->verdict, Verdict::kReject);
  EXPECT_THAT(models(), SizeIs(3));
  EXPECT_EQ(code_of(store_->artefact(hash)), ErrorCode::kNotFound);
  EXPECT_EQ(store_->registry_version(), version + 1);
  EXPECT_EQ(listener_.registry(), version + 1);
  const ModelEvent event = newest(1).front();
  EXPECT_EQ(event.what, ModelEventKind::kRemoved);
  EXPECT_EQ(event.model, ModelId{4});
  EXPECT_EQ(event.actor, "operator");
  EXPECT_EQ(event.remark, "ann");
  EXPECT_EQ(event.at, clock_.wall());
  EXPECT_THAT(event.detail, HasSubstr(hash));
  EXPECT_EQ(code_of(remove(4)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(promote(4)), ErrorCode::kNotFound);
  reopen();
  ASSERT_TRUE(add(made));
  EXPECT_EQ(models().back().id, ModelId{5});
  EXPECT_EQ(store_->artefact(hash).value(), bytes);
  EXPECT_THAT(history(),
              ElementsAre("rejected 5", "removed 4", "rejected 4", "promoted 3", "promoted 2", "promoted 1"));
}

TEST_P(RegistryContract, KeepsTheArtefactThatAnotherModelHas) {
  three_champions();
  NewModel made = model(false);
  ASSERT_TRUE(add(made));
  ASSERT_TRUE(add(made));
  const std::string hash = models().back().artefact_hash;
  ASSERT_TRUE(remove(4));
  EXPECT_TRUE(store_->artefact(hash));
  ASSERT_TRUE(remove(5));
  EXPECT_EQ(code_of(store_->artefact(hash)), ErrorCode::kNotFound);
}

TEST_P(RegistryContract, RemovesNothingThatAnswersOrThatARollbackNeeds) {
  three_champions();
  ASSERT_TRUE(add(model(false)));
  ASSERT_TRUE(share(4, 0.25));
  ASSERT_TRUE(shadow(1, true));
  const std::int64_t version = store_->registry_version();
  for (const auto& [id, why] : {std::pair{1, "in the shadow"}, std::pair{2, "a rollback goes back to"},
                                std::pair{3, "is the champion"}, std::pair{4, "0.25 of the people"}}) {
    const auto refused = remove(id);
    EXPECT_EQ(code_of(refused), ErrorCode::kFailedPrecondition);
    EXPECT_THAT(refused.error().message, HasSubstr(why));
  }
  EXPECT_EQ(store_->registry_version(), version);
  EXPECT_THAT(models(), SizeIs(4));
}

TEST_P(RegistryContract, RollsBackPastRemovedModels) {
  three_champions();
  ASSERT_TRUE(promote(1));
  ASSERT_TRUE(add(model(true)));  // 4, after 1, 2, 3, 1
  ASSERT_TRUE(remove(3));
  EXPECT_EQ(roll_back()->id, ModelId{1});
  EXPECT_EQ(roll_back()->id, ModelId{2});  // over 3
  EXPECT_EQ(roll_back()->id, ModelId{1});
  EXPECT_EQ(code_of(roll_back()), ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(promote(4));
  ASSERT_TRUE(remove(2));
  EXPECT_EQ(roll_back()->id, ModelId{1});
}

TEST_P(RegistryContract, TakesAndGivesNoArtefactBeyondItsBound) {
  NewModel large = model(false);
  large.artefact = std::string(2'000, 'w');
  ASSERT_TRUE(add(large));
  const std::string hash = models().back().artefact_hash;
  options_.max_artefact = 1'999;
  reopen();
  const auto refused = store_->artefact(hash);
  EXPECT_EQ(code_of(refused), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("2000 bytes"), HasSubstr("models.max_artefact")));
  large.artefact += 'w';
  EXPECT_EQ(code_of(add(large)), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(models(), SizeIs(1));
}

TEST_P(RegistryContract, RollsBackOncePerKey) {
  three_champions();
  RecordedAnswer<ModelRecord> keep{
      "k", "print", [](const auto&) { return std::optional(KeptAnswer{"print", 200, "", {}}); }};
  ASSERT_TRUE(roll_back(keep));
  EXPECT_EQ(code_of(roll_back(keep)), ErrorCode::kAlreadyExists);
  EXPECT_EQ(champion(), 2);
}

TEST_P(RegistryContract, SharesTheTrafficThatTheChampionGivesUp) {
  three_champions();
  const auto shared = share(1, 0.25);
  ASSERT_TRUE(shared);
  EXPECT_EQ(shared->share, 0.25);
  ASSERT_TRUE(share(2, 0.5));
  EXPECT_THAT(shares(), ElementsAre(0.25, 0.5, 0.25));
  ASSERT_TRUE(share(2, 0.75));
  EXPECT_THAT(shares(), ElementsAre(0.25, 0.75, 0));
  ASSERT_TRUE(share(2, 0));
  EXPECT_THAT(shares(), ElementsAre(0.25, 0, 0.75));
  EXPECT_EQ(store_->registry_version(), 7);
  ASSERT_TRUE(share(2, 0));
  EXPECT_EQ(store_->registry_version(), 7);
  const std::vector<ModelEvent> events = newest(3);
  EXPECT_EQ(events.at(0).what, ModelEventKind::kShare);
  EXPECT_EQ(events.at(0).model, ModelId{2});
  EXPECT_EQ(events.at(1).detail, R"({"share":0.75})");
  EXPECT_EQ(champion(), 3);
}

TEST_P(RegistryContract, SharesTenthsUpToTheWhole) {
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(add(model(true)));
  ASSERT_TRUE(share(1, 0.1));
  ASSERT_TRUE(share(2, 0.2));
  ASSERT_TRUE(share(3, 0.7));
  EXPECT_EQ(shares().back(), 0);
}

TEST_P(RegistryContract, RefusesSharesThatAreNotThere) {
  three_champions();
  ASSERT_TRUE(share(1, 0.6));
  const auto refused = share(2, 0.5);
  EXPECT_EQ(code_of(refused), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message,
              testing::AllOf(HasSubstr("0.5"), HasSubstr("0.6"), HasSubstr("Model 2")));
  for (const double wrong : {-0.1, 1.0, 7.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(code_of(share(1, wrong)), ErrorCode::kInvalidArgument) << wrong;
  }
  EXPECT_EQ(code_of(share(3, 0.5)), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of(share(9, 0.5)), ErrorCode::kNotFound);
  EXPECT_THAT(shares(), ElementsAre(0.6, 0, 0.4));
  EXPECT_EQ(store_->registry_version(), 4);
}

TEST_P(RegistryContract, LetsChallengersRankInTheShadow) {
  three_champions();
  const auto shadowed = shadow(2, true);
  ASSERT_TRUE(shadowed);
  EXPECT_TRUE(shadowed->shadow);
  EXPECT_TRUE(models().at(1).shadow);
  EXPECT_EQ(store_->registry_version(), 4);
  ASSERT_TRUE(shadow(2, true));
  EXPECT_EQ(store_->registry_version(), 4);
  ASSERT_TRUE(shadow(2, false));
  EXPECT_FALSE(models().at(1).shadow);
  EXPECT_EQ(code_of(shadow(3, true)), ErrorCode::kFailedPrecondition);
  EXPECT_EQ(code_of(shadow(9, true)), ErrorCode::kNotFound);
  EXPECT_EQ(history().front(), "shadow 2");
  EXPECT_EQ(newest(2).back().detail, R"({"shadow":true})");
}

TEST_P(RegistryContract, ForgetsOnlyArtefactsThatNoModelNames) {
  three_champions();
  const auto forgotten = await<std::int64_t>([&](auto done) { store_->forget_orphans(done); });
  ASSERT_TRUE(forgotten);
  EXPECT_EQ(*forgotten, 0);
  for (const ModelRecord& record : models()) EXPECT_TRUE(store_->artefact(record.artefact_hash));
}

}  // namespace
}  // namespace rankloop::storage
