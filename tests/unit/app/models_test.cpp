// The registry's use cases.
#include "app/learn/models.h"

#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ml/artefact.h"
#include "ml/model.h"
#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using ::testing::HasSubstr;

storage::ModelCounts counts_of(std::int64_t picked, std::int64_t shown) {
  storage::ModelCounts counts;
  counts.shown = shown;
  counts.picked = picked;
  return counts;
}

// The bounds are those of R's prop.test(picked, shown, correct = FALSE).
TEST(PickRate, IsWilsonsInterval) {
  struct Known {
    std::int64_t picked;
    std::int64_t shown;
    double low;
    double high;
  };
  for (const Known& known :
       {Known{5, 10, 0.2365931, 0.7634069}, Known{20, 100, 0.1333669, 0.2888292}, Known{0, 10, 0, 0.2775328},
        Known{10, 10, 0.7224672, 1}, Known{1, 1, 0.2065493, 1}}) {
    const auto rate = pick_rate(counts_of(known.picked, known.shown));
    ASSERT_TRUE(rate);
    EXPECT_DOUBLE_EQ(rate->rate, static_cast<double>(known.picked) / static_cast<double>(known.shown));
    EXPECT_NEAR(rate->low, known.low, 1e-7);
    EXPECT_NEAR(rate->high, known.high, 1e-7);
    EXPECT_GE(rate->low, 0);
    EXPECT_LE(rate->high, 1);
  }
}

TEST(PickRate, IsNothingWithoutRequests) {
  EXPECT_FALSE(pick_rate({}));
}

class ModelsTest : public ShownRequests {
 protected:
  void SetUp() override {
    ShownRequests::SetUp();
    names_ = std::make_unique<ItemNames>(domain_, *store_);
    models_ = std::make_unique<Models>(*domain_, 1, *store_, *names_, clock_);
  }

  using Outcome = Result<storage::ModelRecord>;
  Outcome promote(ModelId id) {
    return written<storage::ModelRecord>([&](auto done) {
      models_->promote(id, {"operator", "because", "ada"}, std::nullopt, std::move(done));
    });
  }
  Outcome rollback() {
    return written<storage::ModelRecord>(
        [&](auto done) { models_->rollback({"local", "it was worse"}, std::nullopt, std::move(done)); });
  }
  Outcome share(ModelId id, double share) {
    return written<storage::ModelRecord>(
        [&](auto done) { models_->share(id, share, {"operator", "a test"}, std::nullopt, std::move(done)); });
  }
  Outcome shadow(ModelId id, bool on) {
    return written<storage::ModelRecord>(
        [&](auto done) { models_->shadow(id, on, {"operator", "to look"}, std::nullopt, std::move(done)); });
  }
  Outcome remove(ModelId id) {
    return written<storage::ModelRecord>(
        [&](auto done) { models_->remove(id, {"operator", "no use"}, std::nullopt, std::move(done)); });
  }
  Result<ModelId> import(std::string artefact) {
    return written<ModelId>(
        [&](auto done) { models_->import(std::move(artefact), {"operator", "from afar"}, std::move(done)); });
  }
  ModelId add(bool promoted) { return add_model(ml::random_model()->save(), promoted); }
  static std::string foreign() { return ml::seal_artefact({"random", 1, "other features", {}, ""}); }

  std::unique_ptr<ItemNames> names_;
  std::unique_ptr<Models> models_;
};

TEST_F(ModelsTest, ListsEveryModelWithWhatBecameOfItsRequests) {
  write_films(3);
  const ModelId first = add(true);
  const ModelId second = add(false);
  Ranking like;
  like.model = first;
  pick(shown(30, {1, 2}, like), 2);
  pick_none(shown(31, {1, 2}, like));
  shown(32, {1, 2}, like);

  const auto views = models_->list();
  ASSERT_TRUE(views);
  ASSERT_EQ(views->size(), 2U);
  EXPECT_EQ((*views)[0].record.id, first);
  EXPECT_TRUE((*views)[0].record.champion);
  EXPECT_EQ((*views)[0].counts, (storage::ModelCounts{first, 3, 1, 1, 1}));
  EXPECT_EQ((*views)[1].record.id, second);
  EXPECT_EQ((*views)[1].counts.shown, 0);
  EXPECT_FALSE(pick_rate((*views)[1].counts));
  EXPECT_EQ(models_->get(second)->record.id, second);
}

TEST_F(ModelsTest, DoesNotKnowOtherModels) {
  add(true);
  const ModelId unknown{99};
  for (const Error& error :
       {models_->get(unknown).error(), models_->artefact(unknown).error(), promote(unknown).error(),
        share(unknown, 0.1).error(), shadow(unknown, true).error(), remove(unknown).error()}) {
    EXPECT_EQ(error.code, ErrorCode::kNotFound);
    EXPECT_EQ(error.message, "Model not found");
  }
}

TEST_F(ModelsTest, PromotesAndGoesBack) {
  const ModelId first = add(true);
  const ModelId second = add(false);
  const Outcome promoted = promote(second);
  ASSERT_TRUE(promoted);
  EXPECT_EQ(promoted->id, second);
  EXPECT_TRUE(promoted->champion);
  EXPECT_FALSE(models_->get(first)->record.champion);

  const Outcome back = rollback();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->id, first);
  EXPECT_TRUE(models_->get(first)->record.champion);
  EXPECT_FALSE(models_->get(second)->record.champion);

  const auto history = models_->history(std::nullopt, 2);
  ASSERT_TRUE(history);
  ASSERT_EQ(history->size(), 2U);
  EXPECT_EQ((*history)[0].what, ModelEventKind::kRolledBack);
  EXPECT_EQ((*history)[0].actor, "local");
  EXPECT_EQ((*history)[0].remark, "");
  EXPECT_EQ((*history)[0].reason, "it was worse");
  EXPECT_EQ((*history)[1].what, ModelEventKind::kPromoted);
  EXPECT_EQ((*history)[1].model, second);
  EXPECT_EQ((*history)[1].actor, "operator");
  EXPECT_EQ((*history)[1].remark, "ada");
  EXPECT_EQ((*history)[1].at, clock_.wall());
  const auto older = models_->history((*history)[1].id, 10);
  ASSERT_TRUE(older);
  for (const storage::ModelEvent& event : *older) EXPECT_LT(event.id, (*history)[1].id);
}

TEST_F(ModelsTest, HasNowhereToGoBackFromTheFirstChampion) {
  add(true);
  const Outcome back = rollback();
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, ErrorCode::kFailedPrecondition);
}

TEST_F(ModelsTest, SharesTrafficAndCastsShadows) {
  const ModelId champion = add(true);
  const ModelId challenger = add(false);
  ASSERT_TRUE(share(challenger, 0.25));
  EXPECT_DOUBLE_EQ(models_->get(champion)->record.share, 0.75);
  EXPECT_DOUBLE_EQ(models_->get(challenger)->record.share, 0.25);
  EXPECT_EQ(share(challenger, 1).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(share(challenger, -0.1).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(share(champion, 0.5).error().code, ErrorCode::kFailedPrecondition);
  ASSERT_TRUE(shadow(challenger, true));
  EXPECT_TRUE(models_->get(challenger)->record.shadow);
  ASSERT_TRUE(shadow(challenger, false));
  EXPECT_FALSE(models_->get(challenger)->record.shadow);
  EXPECT_EQ(shadow(champion, true).error().code, ErrorCode::kFailedPrecondition);
}

TEST_F(ModelsTest, LetsNoModelAnswerThatCannotBeLoaded) {
  const ModelId champion = add(true);
  const ModelId unfit = add_model(foreign(), false);
  for (const Error& error :
       {promote(unfit).error(), share(unfit, 0.1).error(), shadow(unfit, true).error()}) {
    EXPECT_EQ(error.code, ErrorCode::kFailedPrecondition);
    EXPECT_THAT(error.message, HasSubstr("other features"));
  }
  const ModelId damaged = add_model("no artefact at all", false);
  EXPECT_EQ(promote(damaged).error().code, ErrorCode::kDataLoss);
  EXPECT_TRUE(models_->get(champion)->record.champion);
  EXPECT_DOUBLE_EQ(models_->get(champion)->record.share, 1);
}

TEST_F(ModelsTest, HandsAllReadersOfAnArtefactTheSameBytes) {
  const ModelId model = add(true);
  const ModelId twin = add(false);  // of the same bytes
  const auto first = models_->artefact(model);
  ASSERT_TRUE(first);
  EXPECT_EQ(models_->artefact(model)->get(), first->get());
  EXPECT_EQ(models_->artefact(twin)->get(), first->get());
  EXPECT_EQ(first->use_count(), 1);  // nobody keeps what nobody reads
}

TEST_F(ModelsTest, LosesWhatItRemoves) {
  add(true);
  const ModelId model = add_model(ml::seal_artefact({"random", 1, "", {}, "x"}), false);
  ASSERT_TRUE(remove(model));
  EXPECT_EQ(models_->artefact(model).error().message, "Model not found");
  EXPECT_EQ(models_->list()->size(), 1U);
  EXPECT_EQ(remove(model).error().code, ErrorCode::kNotFound);
}

TEST_F(ModelsTest, ImportsWhatItExported) {
  const ModelId champion = add(true);
  const auto artefact = models_->artefact(champion);
  ASSERT_TRUE(artefact);
  EXPECT_EQ(**artefact, ml::random_model()->save());
  const auto id = import(**artefact);
  ASSERT_TRUE(id);
  const auto view = models_->get(*id);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->record.family, "random");
  EXPECT_FALSE(view->record.champion);
  EXPECT_EQ(view->record.share, 0);
  EXPECT_EQ(json(view->record.lineage).at("source").as_string(), "import");
  EXPECT_TRUE(promote(*id));
}

TEST_F(ModelsTest, ImportsNothingThatCannotBeLoaded) {
  EXPECT_EQ(import("no artefact at all").error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(import(foreign()).error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(models_->list()->empty());
}

}  // namespace
}  // namespace rankloop::app
