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
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(state->assigned({}, task_of(i)).model->id, good);
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

// How many of the people each model answers.
std::map<std::int64_t, int> answered(const ServedModels& state, int people) {
  std::map<std::int64_t, int> models;
  for (int i = 0; i < people; ++i)
    ++models[state.assigned("person " + std::to_string(i), task_of(1)).model->id.value];
  return models;
}

TEST_F(ServingTest, GivesEveryChallengerItsShareAndTheChampionTheRest) {
  constexpr int kPeople = 10'000;
  const ModelId best = add(champion(ml::random_model()->save()));
  const ModelId some = add(challenger(ml::random_model()->save()));
  const ModelId more = add(challenger(ml::random_model()->save()));
  share(some, 0.1);
  share(more, 0.3);
  start_serving();
  auto models = answered(*serving_->current(), kPeople);
  // Five standard deviations of a binomial count.
  const auto expect_share = [&](ModelId model, double part) {
    EXPECT_NEAR(models[model.value], part * kPeople, 5 * std::sqrt(kPeople * part * (1 - part)));
  };
  expect_share(best, 0.6);
  expect_share(some, 0.1);
  expect_share(more, 0.3);
}

// Which of `count` people a model answers.
std::vector<bool> people_of(const ServedModels& state, ModelId model, int count) {
  std::vector<bool> people;
  for (int i = 0; i < count; ++i)
    people.push_back(state.assigned("person " + std::to_string(i), task_of(1)).model->id == model);
  return people;
}

int in_both(const std::vector<bool>& some, const std::vector<bool>& others) {
  int count = 0;
  for (std::size_t i = 0; i < some.size(); ++i) count += some[i] && others[i] ? 1 : 0;
  return count;
}

TEST_F(ServingTest, MovesNobodyOfAnotherChallengerWhenAShareChanges) {
  constexpr int kPeople = 10'000;
  add(champion(ml::random_model()->save()));
  const ModelId changing = add(challenger(ml::random_model()->save()));
  const ModelId steady = add(challenger(ml::random_model()->save()));
  share(changing, 0.1);
  share(steady, 0.3);
  start_serving();
  const auto before = people_of(*serving_->current(), steady, kPeople);
  const auto ten = people_of(*serving_->current(), changing, kPeople);
  const auto change_to = [&](double part) {
    const auto old = serving_->current();
    share(changing, part);
    EXPECT_TRUE(reached([&] { return serving_->current() != old; }));
    EXPECT_EQ(people_of(*serving_->current(), steady, kPeople), before) << part;
    return people_of(*serving_->current(), changing, kPeople);
  };
  const auto five = change_to(0.05);
  EXPECT_EQ(in_both(five, ten), std::ranges::count(five, true));
  const auto twenty = change_to(0.2);
  EXPECT_EQ(in_both(five, twenty), std::ranges::count(five, true));
}

TEST_F(ServingTest, GivesEveryChallengerPeopleOfItsOwn) {
  constexpr int kPeople = 10'000;
  add(champion(ml::random_model()->save()));
  const ModelId earlier = add(challenger(ml::random_model()->save()));
  const ModelId later = add(challenger(ml::random_model()->save()));
  share(earlier, 0.1);
  start_serving();
  const auto of_earlier = people_of(*serving_->current(), earlier, kPeople);
  share(earlier, 0);
  share(later, 0.1);
  EXPECT_TRUE(reached([&] {
    return serving_->current()->challengers.size() == 1 && serving_->current()->challengers[0].id == later;
  }));
  // By chance a hundred; with the same people for all, a thousand.
  EXPECT_LT(in_both(of_earlier, people_of(*serving_->current(), later, kPeople)), 160);
}

// A running experiment of the champion and a model, half and half.
class ExperimentServingTest : public ServingTest {
 protected:
  storage::ExperimentRecord start_experiment(ModelId model, std::optional<Interleaving> interleaving = {}) {
    storage::NewExperiment wanted{.name = "half", .interleaving = interleaving, .design = "{}"};
    wanted.arms = {{{}, "control", {}, 0.5}, {{}, "other", model, 0.5}};
    const storage::ModelChange by{"test", "a test", {}, clock_.wall()};
    const auto added = written<storage::ExperimentRecord>(
        [&](auto done) { store_->add_experiment(wanted, by, std::nullopt, std::move(done)); });
    EXPECT_TRUE(added);
    const auto started = written<storage::ExperimentRecord>([&](auto done) {
      store_->change_experiment({.id = added->id, .what = ExperimentEventKind::kStarted}, by, std::nullopt,
                                std::move(done));
    });
    EXPECT_TRUE(started);
    return *started;
  }
};

TEST_F(ExperimentServingTest, LetsItsArmsAnswerAndRecordsWhich) {
  ASSERT_TRUE(write_items({1, {{{1}, film("Alien")}}}));
  add(champion(ml::random_model()->save()));
  const ModelId other = add(challenger(ml::random_model()->save()));
  const auto experiment = start_experiment(other);
  start_serving();
  std::map<std::int64_t, std::int64_t> models;  // by arm
  for (int i = 0; i < 20; ++i) {
    const TaskId task = inference_->new_task_id();
    ASSERT_TRUE(written<storage::StartedInference>([&](auto done) {
      inference_->start(task, *inference_->check(json(R"({"age":30})")), std::nullopt, std::move(done));
    }));
    const auto claimed = store_->claim(TaskKind::kInference, std::span{&task, 1}, 1);
    ASSERT_TRUE(claimed && claimed->size() == 1);
    inference_->run(claimed->front());
    ASSERT_TRUE(reached([&] { return recent_.find(task) != nullptr; }));
    const Ranking& ranking = recent_.find(task)->ranking;
    ASSERT_TRUE(written<std::vector<storage::Exposure>>([&](auto done) {
      store_->record_exposure({recent_.find(task)->inference, 1, clock_.wall()}, std::move(done));
    }));
    models[ranking.arm.value] = ranking.model.value;
  }
  EXPECT_EQ(models.at(experiment.arms[0].id.value), 1);
  EXPECT_EQ(models.at(experiment.arms[1].id.value), other.value);
  int seen = 0;
  ASSERT_TRUE(store_->each_of_experiment(experiment.id, {}, false, [&](const storage::ArmRequest& request) {
    EXPECT_EQ(request.model.value, models.at(request.arm.value));
    ++seen;
    return true;
  }));
  EXPECT_EQ(seen, 20);
}

TEST_F(ExperimentServingTest, LetsInterleavedArmsAnswerTogether) {
  add(champion(ml::random_model()->save()));
  const ModelId other = add(challenger(ml::random_model()->save()));
  const auto experiment = start_experiment(other, Interleaving::kProbabilistic);
  start_serving();
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto assigned = serving_->current()->assigned({}, task_of(i));
    EXPECT_EQ(assigned.arm, experiment.arms[0].id);
    EXPECT_EQ(assigned.model->id.value, 1);
    ASSERT_NE(assigned.beside, nullptr);
    EXPECT_EQ(assigned.beside->id, other);
    EXPECT_EQ(assigned.way, Interleaving::kProbabilistic);
    EXPECT_FALSE(assigned.together()) << "both draw: there is no order to merge";
    EXPECT_EQ(assigned.alone().id.value, 1 + 1);
  }
}

TEST_F(ExperimentServingTest, LeavesAnInterleavedListToTheChampionWhereTheOtherIsDamaged) {
  const ModelId good = add(champion(ml::random_model()->save()));
  start_experiment(add(challenger("no artefact at all")), Interleaving::kTeamDraft);
  EXPECT_THAT(log_of_start(), HasSubstr("a challenger cannot be loaded; the champion answers instead"));
  const auto assigned = serving_->current()->assigned({}, task_of(1));
  EXPECT_FALSE(assigned.together());
  EXPECT_EQ(assigned.alone().id, good);
}

TEST_F(ExperimentServingTest, AnswersWithTheChampionInsteadOfAnArmThatIsDamaged) {
  const ModelId good = add(champion(ml::random_model()->save()));
  const auto experiment = start_experiment(add(challenger("no artefact at all")));
  EXPECT_THAT(log_of_start(), HasSubstr("a challenger cannot be loaded; the champion answers instead"));
  int in_arm = 0;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const auto assigned = serving_->current()->assigned({}, task_of(i));
    EXPECT_EQ(assigned.model->id, good);
    in_arm += assigned.arm == experiment.arms[1].id ? 1 : 0;
  }
  EXPECT_GT(in_arm, 20);  // it is analysed as it was drawn
}

TEST_F(ServingTest, GivesTheChampionWhatNobodyElseHas) {
  const ModelId best = add(champion(ml::random_model()->save()));
  start_serving();
  EXPECT_EQ(answered(*serving_->current(), 100), (std::map<std::int64_t, int>{{best.value, 100}}));
}

}  // namespace
}  // namespace rankloop::app
