// Explanations of stored rankings.
#include "app/serve/explanation.h"

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ml/artefact.h"
#include "ml/train.h"
#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using ::testing::HasSubstr;

double log_odds(double probability) {
  return std::log(probability / (1 - probability));
}

// A logistic model of films: the cheap ones are picked, whoever asks.
std::shared_ptr<const ml::Model> frugal_model(const Domain& domain) {
  ml::LabelledRows rows;
  rows.width = 2;
  for (int r = 0; r < 400; ++r) {
    const int price = 1 + r % 8;
    rows.values.push_back(static_cast<float>(20 + r % 30));
    rows.values.push_back(static_cast<float>(price));
    rows.labels.push_back(r % 10 > price ? 1 : 0);
  }
  const auto model = ml::train_model(domain, rows, rows, {.family = "logistic"}, {}, {});
  EXPECT_TRUE(model) << model.error().message;
  return *model;
}

class ExplanationTest : public ShownRequests {
 protected:
  void SetUp() override {
    ShownRequests::SetUp();
    write_films(8);
    model_ = frugal_model(*domain_);
    id_ = add_model(model_->save(), true, "{}", "logistic");
    start_serving();
  }
  // The ranking of the champion for somebody of this age.
  std::shared_ptr<const EndedInference> ranked(const std::string& body = R"({"age":30})") {
    const TaskId task = inference_->new_task_id();
    EXPECT_TRUE(written<storage::StartedInference>([&](auto done) {
      inference_->start(task, *inference_->check(json(body)), std::nullopt, std::move(done));
    }));
    const auto claimed = store_->claim(TaskKind::kInference, std::span{&task, 1}, 1);
    EXPECT_TRUE(claimed && claimed->size() == 1);
    inference_->run(claimed->front());
    EXPECT_TRUE(reached([&] { return recent_.find(task) != nullptr; }));
    return recent_.find(task);
  }
  ResultExplanation explain(const TaskId& task, std::int64_t item) {
    const auto explanation = Explanations{*domain_, *store_, *serving_}.explain(task, {item});
    EXPECT_TRUE(explanation) << explanation.error().message;
    return explanation ? *explanation : ResultExplanation{};
  }
  Error fault_of(const TaskId& task, std::int64_t item) {
    const auto explanation = Explanations{*domain_, *store_, *serving_}.explain(task, {item});
    EXPECT_FALSE(explanation);
    return explanation ? Error{} : explanation.error();
  }

  std::shared_ptr<const ml::Model> model_;
  ModelId id_;
};

TEST_F(ExplanationTest, AddsUpToTheScoreOfTheItem) {
  const auto ended = ranked();
  ASSERT_EQ(ended->ranking.items.size(), 5U);
  EXPECT_EQ(ended->ranking.items[0].item, ItemId{1});
  for (int rank = 1; rank <= 5; ++rank) {
    const RankedItem& ranked = ended->ranking.items[static_cast<std::size_t>(rank) - 1];
    const ResultExplanation why = explain(ended->task, ranked.item.value);
    EXPECT_EQ(why.task, ended->task);
    EXPECT_EQ(why.item, ranked.item);
    EXPECT_EQ(why.model, id_);
    EXPECT_EQ(why.family, "logistic");
    EXPECT_EQ(why.position, rank);
    EXPECT_EQ(why.score, ranked.score);
    EXPECT_DOUBLE_EQ(why.probability, model_->calibration().apply(static_cast<double>(ranked.score)));
    double sum = why.base;
    for (const FeatureContribution& part : why.contributions) sum += part.contribution;
    EXPECT_NEAR(sum, log_odds(static_cast<double>(ranked.score)), 1e-4);
  }
}

TEST_F(ExplanationTest, NamesTheFeaturesTheGreatestFirst) {
  const ResultExplanation why = explain(ranked()->task, 1);
  ASSERT_EQ(why.contributions.size(), 2U);
  EXPECT_EQ(why.contributions[0].feature, "price");
  EXPECT_EQ(why.contributions[0].value.to_number<double>(), 1);
  EXPECT_GT(why.contributions[0].contribution, 0);
  EXPECT_EQ(why.contributions[1].feature, "age");
  EXPECT_EQ(why.contributions[1].value.to_number<double>(), 30);
  EXPECT_GE(std::abs(why.contributions[0].contribution), std::abs(why.contributions[1].contribution));
}

TEST_F(ExplanationTest, HasTheValuesAndTheModelOfThen) {
  const auto ended = ranked();
  const ResultExplanation before = explain(ended->task, 2);
  ASSERT_TRUE(write_items({2, {{{2}, film("Film", 80)}, {{1}, std::nullopt}}}));
  const ModelId next = add_model(ml::random_model()->save(), true);
  ASSERT_TRUE(reached([&] { return serving_->current()->champion.id == next; }));
  const ResultExplanation after = explain(ended->task, 2);
  EXPECT_EQ(after.model, id_);
  EXPECT_EQ(after.contributions[0].value.to_number<double>(), 2);
  EXPECT_EQ(after.contributions[0].contribution, before.contributions[0].contribution);
  EXPECT_EQ(explain(ended->task, 1).contributions[0].value.to_number<double>(), 1);
}

// A list in random order has the scores of the draw; the model's own say is told all the same.
TEST_F(ExplanationTest, TellsWhatTheModelSaysOfAListThatWasDrawn) {
  const auto ended = ranked();
  inference_options_.explore.share = 1;
  restart();
  const auto drawn = ranked();
  ASSERT_EQ(drawn->ranking.policy.kind, PolicyKind::kEpsilonGreedy);
  const std::int64_t item = drawn->ranking.items[0].item.value;
  const ResultExplanation why = explain(drawn->task, item);
  EXPECT_EQ(why.model, id_);
  double sum = why.base;
  for (const FeatureContribution& part : why.contributions) sum += part.contribution;
  const std::vector<float> row = {30, static_cast<float>(item)};
  std::vector<float> score(1);
  model_->score_features({row, 2, {}}, 0, score);
  EXPECT_NEAR(sum, log_odds(static_cast<double>(score[0])), 1e-4);
  EXPECT_NEAR(why.probability, model_->calibration().apply(static_cast<double>(score[0])), 1e-6);
}

TEST_F(ExplanationTest, HasNoReasonsForARandomOrder) {
  Ranking like;
  like.policy = Policy::uniform();
  const Asked asked = shown(30, {3, 1}, like);
  const ResultExplanation why = explain(asked.task, 1);
  EXPECT_EQ(why.model, ModelId{0});
  EXPECT_EQ(why.family, "random");
  EXPECT_EQ(why.position, 2);
  EXPECT_EQ(why.base, 0);
  for (const FeatureContribution& part : why.contributions) EXPECT_EQ(part.contribution, 0);
}

TEST_F(ExplanationTest, ExplainsWhatWasRankedOnly) {
  const auto ended = ranked();
  const Error unknown_task = fault_of(inference_->new_task_id(), 1);
  EXPECT_EQ(unknown_task.code, ErrorCode::kNotFound);
  EXPECT_EQ(unknown_task.message, "Task not found");
  const Error not_ranked = fault_of(ended->task, 8);
  EXPECT_EQ(not_ranked.code, ErrorCode::kNotFound);
  EXPECT_EQ(not_ranked.message, "Result not found: invalid task_id or film_id");
}

TEST_F(ExplanationTest, WaitsForTheResults) {
  storage::NewInference request;
  request.task = inference_->new_task_id();
  request.payload = R"({"age":30})";
  request.domain_version = 1;
  request.at = clock_.wall();
  ASSERT_TRUE(written<storage::StartedInference>(
      [&](auto done) { store_->start_inference(request, std::nullopt, std::move(done)); }));
  const Error early = fault_of(request.task, 1);
  EXPECT_EQ(early.code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(early.message, HasSubstr("Results are not ready"));
}

TEST_F(ExplanationTest, CannotExplainWithAModelOfOtherFeatures) {
  Ranking like;
  like.model = add_model(ml::seal_artefact({"random", 1, "other features", {}, ""}), false);
  EXPECT_EQ(fault_of(shown(30, {1}, like).task, 1).code, ErrorCode::kFailedPrecondition);
}

TEST_F(ExplanationTest, PutsAListIntoTheOrderOfAnotherModel) {
  Ranking like;
  like.items = {{{5}, 0.9F, 1}, {{2}, 0.8F, 1}, {{7}, 0.7F, 1}};
  const Asked asked = shown(30, {}, like);
  Explanations explanations(*domain_, *store_, *serving_);
  const auto other = explanations.reorder(asked.task, id_);
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_EQ(other->model, id_);
  ASSERT_EQ(other->places.size(), 3U);
  // The model's own order of the three, whatever it learned.
  std::vector<float> score(1);
  for (const Reordering::Place& place : other->places) {
    const std::vector<float> row = {30, static_cast<float>(place.item.value)};
    model_->score_features({row, 2, {}}, 0, score);
    EXPECT_FLOAT_EQ(place.score, score[0]);
    EXPECT_EQ(asked.items[static_cast<std::size_t>(place.before) - 1], place.item);
  }
  EXPECT_GE(other->places[0].score, other->places[1].score);
  EXPECT_GE(other->places[1].score, other->places[2].score);
  EXPECT_EQ(explanations.reorder(asked.task, {99}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(explanations.reorder(inference_->new_task_id(), id_).error().message, "Task not found");
  const boost::json::value told = json(to_json(*other, serving_->item_names()));
  EXPECT_EQ(told.at("items").at(0).at("film_id").to_number<std::int64_t>(), other->places[0].item.value);
}

TEST_F(ExplanationTest, SaysWhatMovesAModel) {
  Explanations explanations(*domain_, *store_, *serving_);
  const auto before = explanations.importance(id_);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->rows, 0);
  EXPECT_TRUE(before->features.empty());
  shown(30, {1, 8});
  const auto after = explanations.importance(id_);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->rows, 2);
  ASSERT_EQ(after->features.size(), 2U);
  EXPECT_GE(after->features[0].second, after->features[1].second);
  EXPECT_EQ(after->features[0].first, "price");
  EXPECT_EQ(explanations.importance({99}).error().code, ErrorCode::kNotFound);
}

TEST_F(ExplanationTest, IsToldAsJson) {
  const auto ended = ranked();
  const boost::json::value told = json(to_json(explain(ended->task, 1), serving_->item_names()));
  EXPECT_EQ(told.at("task_id").as_string(), ended->task.to_string());
  EXPECT_EQ(told.at("film_id").to_number<int>(), 1);
  EXPECT_EQ(told.at("model_id").to_number<std::int64_t>(), id_.value);
  EXPECT_EQ(told.at("position").to_number<int>(), 1);
  EXPECT_EQ(told.at("contributions").at(0).at("feature").as_string(), "price");

  ResultExplanation sparse;
  sparse.contributions = {{"age", nullptr, 0.5}};
  const boost::json::value absent = json(to_json(sparse, serving_->item_names()));
  EXPECT_TRUE(absent.at("model_id").is_null());
  EXPECT_TRUE(absent.at("contributions").at(0).at("value").is_null());
}

}  // namespace
}  // namespace rankloop::app
