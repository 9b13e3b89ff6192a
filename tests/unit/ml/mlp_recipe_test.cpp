// The default recipe of the network: every row with its weight, early stopping.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ml/families/mlp/train_mlp.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

Domain domain_of(std::size_t features) {
  Domain domain;
  for (std::size_t c = 0; c < features; ++c) domain.features.push_back({std::to_string(c), Side::kItem, c});
  domain.feature_fingerprint = "recipe";
  return domain;
}

// Labels that follow the first column in nine of ten rows; two of noise, one constant.
LabelledRows noisy_rows(std::size_t count, std::uint32_t seed) {
  SampleNumbers random(seed);
  LabelledRows rows;
  rows.width = 4;
  for (std::size_t r = 0; r < count; ++r) {
    const double x = random.uniform(0, 1000);
    for (const double value : {x, random.uniform(-1, 1), random.uniform(-1, 1), 5.0}) {
      rows.values.push_back(static_cast<float>(value));
    }
    rows.labels.push_back((x > 800) != random.chance(0.1) ? 1 : 0);
  }
  return rows;
}

struct Trained {
  std::shared_ptr<const Model> model;
  std::vector<TrainingProgress> epochs;
};

Trained train(const LabelledRows& rows, const LabelledRows& validation, std::uint64_t seed = 42) {
  Trained trained;
  const auto model = train_model(domain_of(4), rows, validation, {.seed = seed},
                                 [&](const TrainingProgress& report) {
                                   if (report.phase == "epochs") trained.epochs.push_back(report);
                                 },
                                 {});
  EXPECT_TRUE(model) << model.error().message;
  trained.model = *model;
  return trained;
}

double loss(const Model& model, const LabelledRows& rows) {
  const std::vector<float> scores = score_rows(model, rows);
  double sum = 0;
  for (std::size_t r = 0; r < scores.size(); ++r) {
    const auto score = static_cast<double>(scores[r]);
    sum -= std::log(rows.labels[r] > 0.5F ? score : 1 - score);
  }
  return sum / static_cast<double>(scores.size());
}

TEST(DefaultMlpRecipe, KeepsTheEpochThatServesTheValidationRowsBest) {
  // Labels by the toss of a coin: whatever is learned of them is wrong.
  LabelledRows rows = noisy_rows(300, 1);
  LabelledRows validation = noisy_rows(500, 2);
  SampleNumbers coin(12);
  for (float& label : rows.labels) label = coin.chance(0.5) ? 1.0F : 0.0F;
  for (float& label : validation.labels) label = coin.chance(0.5) ? 1.0F : 0.0F;
  const Trained trained = train(rows, validation);
  const auto best = std::ranges::min_element(trained.epochs, {}, &TrainingProgress::validation_loss);
  EXPECT_NEAR(loss(*trained.model, validation), best->validation_loss, 1e-6);
  EXPECT_LT(trained.epochs.size(), static_cast<std::size_t>(default_mlp_recipe(300).epochs));
  EXPECT_EQ(trained.epochs.end() - best, default_mlp_recipe(300).patience + 1);
}

TEST(DefaultMlpRecipe, GoesOverFewRowsMoreOften) {
  EXPECT_EQ(default_mlp_recipe(500).epochs, 4 * default_mlp_recipe(2000).epochs);
  EXPECT_EQ(default_mlp_recipe(500).patience, 4 * default_mlp_recipe(2000).patience);
  EXPECT_EQ(default_mlp_recipe(1'000'000).epochs, default_mlp_recipe(2000).epochs);
  EXPECT_LE(default_mlp_recipe(1).epochs, 3000);
}

TEST(DefaultMlpRecipe, GivesProbabilities) {
  const LabelledRows test = noisy_rows(4000, 4);
  const Trained trained = train(noisy_rows(4000, 3), {});
  const std::vector<float> scores = score_rows(*trained.model, test);
  double predicted = 0;
  double picked = 0;
  for (std::size_t r = 0; r < scores.size(); ++r) {
    predicted += static_cast<double>(scores[r]) / 4000;
    picked += static_cast<double>(test.labels[r]) / 4000;
  }
  EXPECT_NEAR(predicted, picked, 0.04);
  EXPECT_LT(loss(*trained.model, test), 0.40);  // 0.325 is the noise's own
}

TEST(DefaultMlpRecipe, CountsRowsByTheirWeights) {
  LabelledRows rows = noisy_rows(1000, 5);
  // A second opinion of every row, the opposite one, with a ninth of the weight: no row is certain any more.
  LabelledRows both = rows;
  both.weights.assign(1000, 0.9F);
  both.values.insert(both.values.end(), rows.values.begin(), rows.values.end());
  for (const float label : rows.labels) {
    both.labels.push_back(1 - label);
    both.weights.push_back(0.1F);
  }
  LabelledRows soft = rows;
  for (float& label : soft.labels) label = 0.1F + 0.8F * label;
  const LabelledRows test = noisy_rows(500, 6);
  const std::vector<float> a = score_rows(*train(both, {}).model, test);
  const std::vector<float> b = score_rows(*train(soft, {}).model, test);
  double distance = 0;
  for (std::size_t r = 0; r < a.size(); ++r) distance += static_cast<double>(std::abs(a[r] - b[r])) / 500;
  EXPECT_LT(distance, 0.05);
}

TEST(DefaultMlpRecipe, LearnsFromSoftLabelsThatAllLieUnderAHalf) {
  LabelledRows rows = noisy_rows(1000, 7);
  for (float& label : rows.labels) label *= 0.3F;
  const Trained trained = train(rows, {});
  const std::vector<float> scores = score_rows(*trained.model, rows);
  EXPECT_LT(*std::max_element(scores.begin(), scores.end()), 0.6F);
}

double log_odds_of(const Model& model, float value) {
  const std::vector<float> values = {value};
  std::vector<float> scores(1);
  model.score_features({values, 1, {}}, 0, scores);
  return std::log(static_cast<double>(scores[0]) / (1 - static_cast<double>(scores[0])));
}

// A list longer than the kernel's group of eight: what else was in it explains the pick, and the
// probabilities of all rows still add up to the picks.
TEST(DefaultMlpRecipe, LearnsFromTheRowsOfARequestAgainstEachOther) {
  const LabelledRows rows = choices_within_lists(2000, 11, 10);
  const LabelledRows validation = choices_within_lists(300, 11, 11);
  const auto slope = [&](const Model& model) { return (log_odds_of(model, 2) - log_odds_of(model, -2)) / 4; };
  const auto trained = [&](Objective objective) {
    MlpRecipe recipe = default_mlp_recipe(rows.rows(), objective);
    recipe.decay = 0.1;  // the usual one keeps slopes smaller than they are
    const Domain domain = domain_of(1);
    const TrainingPlan plan;
    const ProgressSink unheard;
    TrainingReport report;
    return *train_mlp({domain, rows, validation, plan, unheard, {}, report}, recipe);
  };
  const auto listwise = trained(Objective::kListwise);
  EXPECT_NEAR(slope(*listwise), 0.8, 0.15);
  EXPECT_LT(slope(*trained(Objective::kLogistic)), 0.4);
  double predicted = 0;
  for (const float score : score_rows(*listwise, rows)) predicted += static_cast<double>(score);
  EXPECT_NEAR(predicted, 2000, 5);
}

TEST(DefaultMlpRecipe, NeedsRequestsWithAPickToCompareTheirRows) {
  LabelledRows rows = choices_within_lists(10, 4, 10);
  rows.requests.clear();
  const auto model =
      train_model(domain_of(1), rows, {}, {.family = "mlp", .objective = Objective::kListwise}, {}, {});
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kInvalidArgument);
}

TEST(DefaultMlpRecipe, IsDeterministicBySeed) {
  const LabelledRows rows = noisy_rows(300, 8);
  const LabelledRows validation = noisy_rows(100, 9);
  const std::string first = train(rows, validation).model->save();
  EXPECT_EQ(train(rows, validation).model->save(), first);
  EXPECT_NE(train(rows, validation, 43).model->save(), first);
}

TEST(DefaultMlpRecipe, StopsWithinAnEpochWhenAsked) {
  std::stop_source stop;
  int epochs = 0;
  const auto model = train_model(
      domain_of(4), noisy_rows(500, 10), {}, {},
      [&](const TrainingProgress& report) {
        epochs = report.epoch;
        if (report.epoch == 3) stop.request_stop();
      },
      stop.get_token());
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kAborted);
  EXPECT_EQ(epochs, 3);
}

TEST(DefaultMlpRecipe, RefusesNumbersOutOfRange) {
  const auto code_of = [](auto&& change) {
    MlpRecipe recipe = default_mlp_recipe(50);
    change(recipe);
    const auto model = train_mlp(domain_of(4), noisy_rows(50, 11), recipe, {}, {});
    return model ? ErrorCode::kInternal : model.error().code;
  };
  EXPECT_EQ(code_of([](MlpRecipe& r) { r.decay = -1; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([](MlpRecipe& r) { r.averaging = 1; }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of([](MlpRecipe& r) { r.patience = -1; }), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace rankloop::ml
