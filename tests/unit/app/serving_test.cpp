// Which catalog and which models answer.
#include "app/serve/serving.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ml/artefact.h"
#include "ml/model.h"
#include "ml/random_numbers.h"
#include "unit/app/use_cases.h"

namespace rankloop::app {
namespace {

using ::testing::HasSubstr;

TaskId task_of(std::uint64_t number) {
  return TaskId::make(1'772'366'400'000, ml::mix_bits(number), ml::mix_bits(~number));
}

class ServingTest : public UseCaseFixture {
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
  storage::NewModel challenger(std::string artefact) {
    storage::NewModel model = champion(std::move(artefact));
    model.promote = false;
    return model;
  }
  void share(ModelId id, double share) {
    ASSERT_TRUE(written<storage::ModelRecord>([&](auto done) {
      store_->share_traffic(id, share, {"test", "a test", {}, clock_.wall()}, std::nullopt, std::move(done));
    }));
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

TEST_F(ServingTest, AnswersWithTheChampionInsteadOfAChallengerThatIsDamaged) {
  const ModelId good = add(champion(ml::random_model()->save()));
  const ModelId damaged = add(challenger("no artefact at all"));
  share(damaged, 0.5);
  EXPECT_THAT(log_of_start(), HasSubstr("a challenger cannot be loaded; the champion answers instead"));
  const auto state = serving_->current();
  EXPECT_EQ(state->champion.id, good);
  EXPECT_TRUE(state->challengers.empty());
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(state->assigned({}, task_of(i)).id, good);
}

TEST_F(ServingTest, BindsChallengersAndShadowsToTheCatalog) {
  const ModelId best = add(champion(ml::random_model()->save()));
  const ModelId sharing = add(challenger(ml::random_model()->save()));
  storage::NewModel shadow = challenger(ml::random_model()->save());
  shadow.shadow = true;
  const ModelId shadowing = add(std::move(shadow));
  add(challenger(ml::random_model()->save()));  // neither
  share(sharing, 0.25);
  start_serving();
  const auto state = serving_->current();
  EXPECT_EQ(state->champion.id, best);
  EXPECT_DOUBLE_EQ(state->champion.share, 0.75);
  ASSERT_EQ(state->challengers.size(), 1U);
  EXPECT_EQ(state->challengers[0].id, sharing);
  EXPECT_DOUBLE_EQ(state->challengers[0].share, 0.25);
  ASSERT_EQ(state->shadows.size(), 1U);
  EXPECT_EQ(state->shadows[0].id, shadowing);

  ASSERT_TRUE(write_items({1, {{{1}, film("Alien")}}}));
  ASSERT_TRUE(serving_->wait_for_catalog(1));
  const auto after = serving_->current();
  for (const ServedModel* served : {&after->champion, &after->challengers[0], &after->shadows[0]}) {
    EXPECT_EQ(&served->scorer->catalog(), after->catalog.get());
  }
}

TEST_F(ServingTest, LetsAShadowRankBesideTheModelThatAnswers) {
  ASSERT_TRUE(write_items({1, {{{1}, film("Alien")}, {{2}, film("Brazil")}}}));
  const ModelId best = add(champion(ml::random_model()->save()));
  storage::NewModel shadow = challenger(ml::random_model()->save());
  shadow.shadow = true;
  const ModelId shadowing = add(std::move(shadow));
  start_serving();
  const TaskId task = inference_->new_task_id();
  const auto started = written<storage::StartedInference>([&](auto done) {
    inference_->start(task, *inference_->check(json(R"({"age":30})")), std::nullopt, std::move(done));
  });
  ASSERT_TRUE(started);
  const auto claimed = store_->claim(TaskKind::kInference, std::span{&task, 1}, 1);
  ASSERT_TRUE(claimed && claimed->size() == 1);
  inference_->run(claimed->front());
  ASSERT_TRUE(reached([&] { return recent_.find(task) != nullptr; }));
  EXPECT_EQ(recent_.find(task)->ranking.model, best);
  const auto rankings = store_->shadow_rankings(started->inference);
  ASSERT_TRUE(rankings);
  ASSERT_EQ(rankings->size(), 1U);
  EXPECT_EQ(rankings->front().model, shadowing);
  EXPECT_EQ(rankings->front().items.size(), 2U);
}

// How many of `count` keys each model gets; nobody gets another one when asked again.
std::map<std::int64_t, int> assigned(const ServedModels& state, int count) {
  std::map<std::int64_t, int> models;
  for (int i = 0; i < count; ++i) {
    const std::string person = "person " + std::to_string(i);
    const ModelId model = state.assigned(person, task_of(1)).id;
    EXPECT_EQ(state.assigned(person, task_of(2)).id, model);
    ++models[model.value];
  }
  return models;
}

ServedModels sharing(const std::vector<double>& shares) {
  ServedModels state;
  state.champion.id = {1};
  for (std::size_t i = 0; i < shares.size(); ++i) {
    state.challengers.push_back({{static_cast<std::int64_t>(i) + 2}, nullptr, nullptr, shares[i]});
    state.champion.share -= shares[i];
  }
  return state;
}

TEST(Assignment, GivesEveryModelItsShareOfThePeople) {
  constexpr int kPeople = 10'000;
  const auto models = assigned(sharing({0.1, 0.3}), kPeople);
  // Five standard deviations of a binomial count.
  const auto expect_share = [&](std::int64_t model, double share) {
    EXPECT_NEAR(models.at(model), share * kPeople, 5 * std::sqrt(kPeople * share * (1 - share))) << model;
  };
  expect_share(1, 0.6);
  expect_share(2, 0.1);
  expect_share(3, 0.3);
}

TEST(Assignment, GivesEveryModelItsShareOfTheTasksOfNobodyInParticular) {
  constexpr int kTasks = 10'000;
  const ServedModels state = sharing({0.2});
  int challenger = 0;
  for (std::uint64_t i = 0; i < kTasks; ++i) {
    const ModelId model = state.assigned({}, task_of(i)).id;
    EXPECT_EQ(state.assigned({}, task_of(i)).id, model);
    challenger += model == ModelId{2} ? 1 : 0;
  }
  EXPECT_NEAR(challenger, kTasks * 0.2, 5 * std::sqrt(kTasks * 0.2 * 0.8));
}

// Which of `count` people model `model` answers.
std::vector<bool> people_of(const ServedModels& state, std::int64_t model, int count) {
  std::vector<bool> people;
  for (int i = 0; i < count; ++i) {
    const ServedModel& served = state.assigned("person " + std::to_string(i), task_of(1));
    people.push_back(served.id == ModelId{model});
  }
  return people;
}

int in_both(const std::vector<bool>& some, const std::vector<bool>& others) {
  int count = 0;
  for (std::size_t i = 0; i < some.size(); ++i) count += some[i] && others[i] ? 1 : 0;
  return count;
}

TEST(Assignment, GivesEveryChallengerPeopleOfItsOwn) {
  ServedModels earlier = sharing({0.1});
  ServedModels later = sharing({0.1});
  later.challengers.front().id = {7};
  constexpr int kPeople = 10'000;
  // By chance a hundred; with the same people for all, a thousand.
  EXPECT_LT(in_both(people_of(earlier, 2, kPeople), people_of(later, 7, kPeople)), 160);
}

TEST(Assignment, MovesHardlyAnyoneWhoseModelKeepsItsShare) {
  constexpr int kPeople = 10'000;
  const auto before = people_of(sharing({0.1, 0.3}), 3, kPeople);
  const auto after = people_of(sharing({0.2, 0.3}), 3, kPeople);
  EXPECT_GT(in_both(before, after), 2'600);  // of 3,000
  const auto grown = people_of(sharing({0.2, 0.3}), 2, kPeople);
  const auto small = people_of(sharing({0.1, 0.3}), 2, kPeople);
  EXPECT_EQ(in_both(small, grown), std::ranges::count(small, true));  // who had it keeps it
}

TEST(Assignment, GivesTheChampionWhatNobodyElseHas) {
  EXPECT_EQ(assigned(sharing({}), 100), (std::map<std::int64_t, int>{{1, 100}}));
}

}  // namespace
}  // namespace rankloop::app
