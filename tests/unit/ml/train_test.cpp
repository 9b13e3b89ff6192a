// Training by a plan.
#include "ml/train.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "ml/families/mlp/train_mlp.h"
#include "ml/families/mlp/training_kernel.h"
#include "ml/features.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

Domain domain_of(std::size_t features) {
  Domain domain;
  for (std::size_t c = 0; c < features; ++c) domain.features.push_back({std::to_string(c), Side::kItem, c});
  domain.feature_fingerprint = "train";
  return domain;
}

// A circle in the first two features is positive; the others are noise.
LabelledRows circle_rows(std::size_t rows, std::uint32_t seed) {
  SampleNumbers random(seed);
  LabelledRows labelled;
  labelled.width = 6;
  for (std::size_t r = 0; r < rows; ++r) {
    const double x = random.uniform(0, 10);
    const double y = random.uniform(0, 10);
    for (const double value :
         {x, y, random.uniform(-5, 5), random.uniform(0, 1), random.uniform(0, 1), 3.0}) {
      labelled.values.push_back(static_cast<float>(value));
    }
    labelled.labels.push_back(std::hypot(x - 5, y - 5) < 2 ? 1 : 0);
  }
  return labelled;
}

MlpRecipe short_recipe() {
  MlpRecipe recipe;
  recipe.best_features = 6;
  recipe.epochs = 10;
  return recipe;
}

TEST(Features, ScaleFromTheSmallestToTheGreatestValue) {
  LabelledRows rows{.width = 3, .values = {1, 5, NAN, 3, 5, NAN, 2, 5, NAN}, .labels = {0, 1, 0}};
  const std::vector<ColumnRange> ranges = fit_ranges(rows, std::vector<FittedBounds>(rows.width));
  EXPECT_EQ(ranges[0].minimum, 1.0F);
  EXPECT_EQ(ranges[0].scale, 0.5F);
  EXPECT_EQ(ranges[1].minimum, 5.0F);
  EXPECT_EQ(ranges[1].scale, 1.0F);
  EXPECT_EQ(ranges[2].minimum, 0.0F);
}

// Worked by hand: totals 2 and 3 of four rows, half of them positive.
TEST(Features, ChiSquaredComparesTheClassesSums) {
  const LabelledRows rows{.width = 3, .values = {1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0}, .labels = {1, 1, 0, 0}};
  const std::vector<ColumnRange> as_they_are(3);
  const std::vector<double> statistics = chi_squared(rows, as_they_are);
  EXPECT_DOUBLE_EQ(statistics[0], 2.0);      // observed 0 and 2, expected 1 and 1
  EXPECT_DOUBLE_EQ(statistics[1], 1.0 / 3);  // observed 2 and 1, expected 1.5 and 1.5
  EXPECT_DOUBLE_EQ(statistics[2], -1.0);     // nothing observed
}

TEST(Features, TakesTheGreatestStatisticsAndOfEqualOnesTheLater) {
  const std::vector<double> statistics = {5, 1, 7, 1, -1};
  EXPECT_EQ(best_columns(statistics, 3), (std::vector<std::size_t>{0, 2, 3}));
  EXPECT_EQ(best_columns(statistics, 9), (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

TEST(TrainMlp, LearnsACurvedBoundary) {
  const Domain domain = domain_of(6);
  const auto model = train_mlp(domain, circle_rows(4000, 1), short_recipe(), {}, {});
  ASSERT_TRUE(model) << model.error().message;
  const LabelledRows unseen = circle_rows(2000, 2);
  const Result<Metrics> metrics = measure(**model, unseen);
  ASSERT_TRUE(metrics);
  EXPECT_GT(metrics->auc, 0.95);
  EXPECT_GT(metrics->rec, 0.9);
  EXPECT_EQ((*model)->feature_fingerprint(), "train");
}

TEST(TrainMlp, IsDeterministicBySeed) {
  const Domain domain = domain_of(6);
  const LabelledRows rows = circle_rows(500, 3);
  MlpRecipe recipe = short_recipe();
  recipe.epochs = 2;
  const std::string first = (*train_mlp(domain, rows, recipe, {}, {}))->save();
  EXPECT_EQ((*train_mlp(domain, rows, recipe, {}, {}))->save(), first);
  recipe.seed = 43;
  EXPECT_NE((*train_mlp(domain, rows, recipe, {}, {}))->save(), first);
}

TEST(TrainMlp, ReportsEveryEpochOnceWithAFallingLoss) {
  std::vector<TrainingProgress> reports;
  const auto model = train_mlp(domain_of(6), circle_rows(2000, 4), short_recipe(),
                               [&](const TrainingProgress& report) { reports.push_back(report); }, {});
  ASSERT_TRUE(model);
  ASSERT_EQ(reports.size(), 11U);
  EXPECT_EQ(reports[0].phase, "features");
  EXPECT_EQ(reports[10].epoch, 10);
  EXPECT_DOUBLE_EQ(reports[10].share, 1);
  EXPECT_LT(reports[10].loss, reports[1].loss);
}

TEST(TrainMlp, StopsWhenAsked) {
  std::stop_source stop;
  const auto model = train_mlp(
      domain_of(6), circle_rows(500, 5), short_recipe(),
      [&](const TrainingProgress& report) {
        if (report.epoch == 2) stop.request_stop();
      },
      stop.get_token());
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kAborted);
  EXPECT_EQ(model.error().message, "training was cancelled");
}

TEST(TrainMlp, TakesCrossesAsFurtherColumns) {
  Domain domain = domain_of(4);
  domain.crosses = {{"a", CrossOp::kProduct, Comparison::kEqual, 0, 1},
                    {"b", CrossOp::kAnd, Comparison::kEqual, 0, 1}};
  MlpRecipe recipe = short_recipe();
  recipe.epochs = 1;
  EXPECT_TRUE(train_mlp(domain, circle_rows(500, 6), recipe, {}, {}));
}

TEST(TrainMlp, RefusesRowsItCannotLearnFrom) {
  const Domain domain = domain_of(6);
  const LabelledRows good = circle_rows(100, 7);
  const auto code_of = [&](const Domain& of, const LabelledRows& rows, std::optional<MlpRecipe> recipe) {
    const auto model = recipe ? train_mlp(of, rows, *recipe, {}, {})
                              : train_model(of, rows, {}, {.recipe = Recipe::kReference}, {}, {});
    return model ? ErrorCode::kInternal : model.error().code;
  };
  LabelledRows negatives = good;
  std::fill(negatives.labels.begin(), negatives.labels.end(), float{0});
  LabelledRows positives = good;
  std::fill(positives.labels.begin(), positives.labels.end(), float{1});
  MlpRecipe no_epochs;
  no_epochs.epochs = 0;
  MlpRecipe all_dropped;
  all_dropped.dropout = 1;
  EXPECT_EQ(code_of(domain, {.width = 6}, {}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(domain, negatives, {}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(domain, positives, {}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(domain_of(5), good, {}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(domain, good, no_epochs), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(domain, good, all_dropped), ErrorCode::kInvalidArgument);
}

// The mean loss of a group without dropout, for the gradient's check by differences.
double plain_loss(const ParameterLayout& layout, const std::vector<double>& p, const SampleGroup& group) {
  double loss = 0;
  for (std::size_t s = 0; s < kLanes; ++s) {
    double logit = p[layout.third_bias];
    for (std::size_t o = 0; o < kSecond; ++o) {
      double second = p[layout.second_bias + o];
      for (std::size_t h = 0; h < kHidden; ++h) {
        double hidden = p[layout.first_bias + h];
        for (std::size_t i = 0; i < layout.inputs; ++i) hidden += p[i * kHidden + h] * group.inputs[s][i];
        second += std::max(hidden, 0.0) * p[layout.second + o * kHidden + h];
      }
      logit += std::max(second, 0.0) * p[layout.third + o];
    }
    const double probability = 1 / (1 + std::exp(-logit));
    loss -= group.weights[s] * std::log(group.labels[s] > 0 ? probability : 1 - probability);
  }
  return loss;
}

void expect_true_gradients(const TrainingKernel& kernel) {
  const ParameterLayout layout(3);
  SampleNumbers random(8);
  std::vector<float> parameters(layout.size);
  for (float& parameter : parameters) parameter = static_cast<float>(random.uniform(-0.4, 0.4));
  std::vector<float> inputs(kLanes * 3);
  for (float& input : inputs) input = static_cast<float>(random.uniform(0, 1));
  SampleGroup group;
  for (std::size_t s = 0; s < kLanes; ++s) {
    group.inputs[s] = inputs.data() + s * 3;
    group.labels[s] = s % 3 == 0 ? 1.0F : 0.0F;
    group.weights[s] = s < 6 ? 1.0F / 6 : 0.0F;
  }
  Dropout none;
  none.state.fill(1);
  std::vector<float> gradients(layout.size);
  kernel.add_gradients(layout, parameters.data(), group, none, gradients.data());

  std::vector<double> moved(parameters.begin(), parameters.end());
  for (std::size_t i = 0; i <= layout.third_bias; i += 7) {
    constexpr double kStep = 1e-6;
    const double at = moved[i];
    moved[i] = at + kStep;
    const double above = plain_loss(layout, moved, group);
    moved[i] = at - kStep;
    const double below = plain_loss(layout, moved, group);
    moved[i] = at;
    ASSERT_NEAR(gradients[i], (above - below) / (2 * kStep), 1e-5) << "parameter " << i;
  }
}

TEST(TrainingKernel, GivesTheLosssDerivatives) {
  expect_true_gradients(best_training_kernel());
  expect_true_gradients(portable_training_kernel());
}

TEST(TrainingKernel, DropsTheGivenShareOfUnits) {
  const ParameterLayout layout(1);
  std::vector<float> parameters(layout.size);
  for (std::size_t h = 0; h < kHidden; ++h) parameters[layout.first_bias + h] = 1;
  for (std::size_t h = 0; h < kHidden; ++h) parameters[layout.second + h] = 1;
  parameters[layout.third] = 1;  // the logit is the sum of the kept units
  const float input = 0;
  SampleGroup group;
  group.inputs.fill(&input);
  Dropout dropout;
  for (std::uint32_t s = 0; s < kLanes; ++s) dropout.state[s] = 1'000'003U * (s + 1);
  dropout.threshold = static_cast<std::uint32_t>(0.3 * 0x1p24);
  dropout.kept = 1 / 0.7F;
  std::vector<float> gradients(layout.size);
  double sum = 0;
  constexpr int kGroups = 1000;
  for (int i = 0; i < kGroups; ++i) {
    best_training_kernel().add_gradients(layout, parameters.data(), group, dropout, gradients.data());
    for (const float logit : group.logits) sum += static_cast<double>(logit);
  }
  EXPECT_NEAR(sum / kGroups / kLanes / kHidden, 1, 0.01);
}

// Adam's step by hand, in double precision.
TEST(TrainingKernel, UpdatesAsAdamDoes) {
  for (const TrainingKernel* kernel : {&best_training_kernel(), &portable_training_kernel()}) {
    std::vector<float> parameters(kLanes, 0.5F);
    std::vector<float> first(kLanes), second(kLanes);
    double p = 0.5, m = 0, v = 0;
    for (int t = 1; t <= 50; ++t) {
      const double g = std::sin(t) * 0.01;
      std::vector<float> gradients(kLanes, static_cast<float>(g));
      const AdamStep step{static_cast<float>(1e-3 / (1 - std::pow(0.9, t))),
                          static_cast<float>(1 / std::sqrt(1 - std::pow(0.999, t)))};
      kernel->update(step, kLanes, parameters.data(), gradients.data(), first.data(), second.data());
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      p -= 1e-3 / (1 - std::pow(0.9, t)) * m / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
      EXPECT_EQ(gradients[0], 0.0F);
    }
    for (const float parameter : parameters) EXPECT_NEAR(parameter, p, 1e-5);
  }
}

}  // namespace
}  // namespace rankloop::ml
