#include "app/serving.h"

#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ml/artefact.h"
#include "ml/model.h"
#include "unit/app/use_cases.h"

namespace rankloop::app {
namespace {

using ::testing::HasSubstr;

class ServingTest : public UseCases {
 protected:
  storage::NewModel champion(std::string artefact) {
    storage::NewModel model;
    model.family = "random";
    model.artefact = std::move(artefact);
    model.metrics = "{}";
    model.lineage = "{}";
    model.domain_version = 1;
    model.at = clock_.wall();
    model.promote = true;
    model.actor = "test";
    model.reason = "it is here";
    return model;
  }
  ModelId add(storage::NewModel model) {
    const auto id =
        written<ModelId>([&](auto done) { store_->add_model(std::move(model), std::move(done)); });
    EXPECT_TRUE(id);
    return id ? *id : ModelId{};
  }
  // What is logged while serving starts on what the store has.
  std::string log_of_start() {
    ::testing::internal::CaptureStderr();
    start_serving();
    return ::testing::internal::GetCapturedStderr();
  }
};

TEST_F(ServingTest, AnswersInRandomOrderOnANewStore) {
  start_serving();
  const auto state = serving_->current();
  EXPECT_EQ(state->catalog->version(), 0);
  EXPECT_EQ(state->catalog->live_items(), 0U);
  EXPECT_EQ(state->champion.id, ModelId{0});
  EXPECT_EQ(state->champion.model->family(), "random");
  EXPECT_EQ(&state->champion.scorer->catalog(), state->catalog.get());
}

TEST_F(ServingTest, LoadsTheCatalogThatIsStored) {
  ASSERT_TRUE(write_items({1, {{{1}, film("Alien")}, {{2}, film("Brazil")}, {{3}, film("Clue")}}}));
  ASSERT_TRUE(write_items({2, {{{2}, std::nullopt}}}));
  start_serving();
  EXPECT_EQ(serving_->current()->catalog->version(), 2);
  EXPECT_EQ(serving_->current()->catalog->live_items(), 2U);
}

TEST_F(ServingTest, FollowsTheCatalogAndLeavesRunningTasksTheirs) {
  start_serving();
  const auto before = serving_->current();
  ASSERT_TRUE(write_items({1, {{{1}, film("Alien", 10)}, {{2}, film("Brazil", 20)}}}));
  ASSERT_TRUE(serving_->wait_for_catalog(1));
  const auto after = serving_->current();
  EXPECT_EQ(after->catalog->live_items(), 2U);
  EXPECT_EQ(after->champion.scorer->catalog().version(), 1);
  EXPECT_EQ(after->champion.model, before->champion.model);
  EXPECT_EQ(before->catalog->version(), 0);
  EXPECT_EQ(before->champion.scorer->catalog().live_items(), 0U);

  ASSERT_TRUE(write_items({2, {{{1}, std::nullopt}}}));
  ASSERT_TRUE(serving_->wait_for_catalog(2));
  EXPECT_FALSE(serving_->current()->catalog->find({1}));
  EXPECT_TRUE(serving_->current()->catalog->find({2}));
}

TEST_F(ServingTest, FollowsTheChampion) {
  start_serving();
  const ModelId first = add(champion(ml::random_model()->save()));
  EXPECT_TRUE(reached([&] { return serving_->current()->champion.id == first; }));
  const auto running = serving_->current();
  const ModelId second = add(champion(ml::random_model()->save()));
  EXPECT_TRUE(reached([&] { return serving_->current()->champion.id == second; }));
  EXPECT_EQ(running->champion.id, first);
  EXPECT_EQ(serving_->current()->catalog, running->catalog);
}

TEST_F(ServingTest, LeavesAModelThatIsNotPromotedAlone) {
  storage::NewModel model = champion(ml::random_model()->save());
  model.promote = false;
  add(std::move(model));
  start_serving();
  EXPECT_EQ(serving_->current()->champion.id, ModelId{0});
}

// Hints are no truth: the versions of the store are looked at besides.
TEST_F(ServingTest, FindsAChangeWhoseHintWasLost) {
  queue::memory::MemoryQueue nobody_tells;
  Serving serving{domain_, *store_, nobody_tells, log_, 0};
  ASSERT_TRUE(serving.start());
  ASSERT_TRUE(write_items({1, {{{1}, film("Alien")}}}));
  EXPECT_TRUE(serving.wait_for_catalog(1));
}

TEST_F(ServingTest, AnswersInRandomOrderWhenTheChampionIsDamaged) {
  std::string damaged = ml::random_model()->save();
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  const ModelId id = add(champion(std::move(damaged)));
  const std::string log = log_of_start();
  EXPECT_THAT(log, HasSubstr("the champion cannot be loaded; random order answers code=data_loss"));
  EXPECT_THAT(log, HasSubstr("model_id=" + std::to_string(id.value)));
  EXPECT_EQ(serving_->current()->champion.id, ModelId{0});
  EXPECT_EQ(serving_->current()->champion.model->family(), "random");
  EXPECT_NE(serving_->current()->champion.scorer, nullptr);
}

TEST_F(ServingTest, AnswersInRandomOrderWhenTheChampionKnowsOtherFeatures) {
  add(champion(ml::seal_artefact({"random", 1, "other features", {}, ""})));
  EXPECT_THAT(log_of_start(), HasSubstr("code=failed_precondition"));
  EXPECT_EQ(serving_->current()->champion.id, ModelId{0});
}

TEST_F(ServingTest, RecoversWithTheNextGoodChampion) {
  add(champion("no artefact at all"));
  EXPECT_THAT(log_of_start(), HasSubstr("random order answers"));
  const ModelId good = add(champion(ml::random_model()->save()));
  EXPECT_TRUE(reached([&] { return serving_->current()->champion.id == good; }));
}

TEST_F(ServingTest, DoesNotStartOnAnItemThatIsNone) {
  ASSERT_TRUE(write_items({1, {{{1}, "{\"title\":7}"}}}));
  Serving serving{domain_, *store_, hints_, log_, 0};
  const Status status = serving.start();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kDataLoss);
}

}  // namespace
}  // namespace rankloop::app
