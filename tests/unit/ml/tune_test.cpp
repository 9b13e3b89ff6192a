// The search for hyperparameters.
#include "ml/tune.h"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

Domain domain_of(std::size_t features) {
  Domain domain;
  for (std::size_t c = 0; c < features; ++c) domain.features.push_back({std::to_string(c), Side::kItem, c});
  domain.feature_fingerprint = "tune";
  return domain;
}

// Lists of six rows; the first column decides a little, the others are noise.
LabelledRows lists(std::int64_t requests, std::uint32_t seed) {
  SampleNumbers random(seed);
  LabelledRows rows;
  rows.width = 8;
  for (std::int64_t request = 0; request < requests; ++request) {
    std::vector<double> odds(6);
    for (double& odd : odds) {
      for (std::size_t c = 0; c < rows.width; ++c)
        rows.values.push_back(static_cast<float>(random.uniform(-1, 1)));
      odd = std::exp(0.5 * static_cast<double>(rows.values[rows.values.size() - rows.width]));
    }
    pick_one(odds, request, random, rows);
  }
  return rows;
}

TrainingPlan plan_of(std::string family) {
  return {.family = std::move(family), .objective = Objective::kListwise};
}

TEST(Tune, JudgesEveryTrialOnTheValidationRowsThatItHasNotSeen) {
  const Domain domain = domain_of(8);
  const LabelledRows rows = lists(120, 1);
  const LabelledRows validation = lists(60, 2);
  const TrainingPlan plan = plan_of("logistic");
  std::vector<TuningProgress> told;
  const auto tuning = tune(domain, rows, validation, plan, 6,
                           [&](const TuningProgress& state) { told.push_back(state); }, {});
  ASSERT_TRUE(tuning) << tuning.error().message;
  EXPECT_EQ(tuning->judged_by, MetricName::kNdcg10);
  ASSERT_EQ(tuning->trials.size(), 6U);
  const std::size_t split = split_row(rows, 0.1);
  std::size_t presets = 0;
  for (std::size_t t = 0; t < tuning->trials.size(); ++t) {
    const Trial& trial = tuning->trials[t];
    presets += trial.drawn.empty() ? 1 : 0;
    if (t > 0)
      EXPECT_GE(figure_of(tuning->trials[t - 1], tuning->judged_by), figure_of(trial, tuning->judged_by));
    TrainingPlan again = plan;
    again.hyperparameters = trial.drawn;
    const auto model =
        train_model(domain, slice(rows, 0, split), slice(rows, split, rows.rows()), again, {}, {});
    ASSERT_TRUE(model);
    EXPECT_EQ(to_json(*measure(**model, validation)), to_json(trial.metrics));
    for (const auto& [name, value] : trial.drawn) EXPECT_TRUE(check_hyperparameter(name, value)) << name;
  }
  EXPECT_EQ(presets, 1U);  // the first trial
  EXPECT_EQ(told.back().done, 5U);
  EXPECT_EQ(told.back().best, figure_of(tuning->trials.front(), tuning->judged_by));
}

TEST(Tune, DrawsTheSameTrialsForTheSameSeed) {
  const Domain domain = domain_of(8);
  const LabelledRows rows = lists(60, 3);
  const LabelledRows validation = lists(30, 4);
  TrainingPlan plan = plan_of("gbdt");
  plan.hyperparameters = {{"gbdt.trees", 3}, {"gbdt.depth", 2}};
  const auto draw = [&] { return tune(domain, rows, validation, plan, 4, {}, {}); };
  const auto once = draw();
  const auto twice = draw();
  ASSERT_TRUE(once && twice);
  plan.seed = 7;
  const auto other = draw();
  ASSERT_TRUE(other);
  bool differs = false;
  for (std::size_t t = 0; t < 4; ++t) {
    EXPECT_EQ(once->trials[t].drawn, twice->trials[t].drawn);
    EXPECT_FALSE(once->trials[t].drawn.contains("gbdt.depth")) << "it was told";
    differs |= once->trials[t].drawn != other->trials[t].drawn;
  }
  EXPECT_TRUE(differs);
}

TEST(Tune, JudgesByLoglossWhereRowsKnowNoRequests) {
  LabelledRows rows = lists(60, 5);
  LabelledRows validation = lists(30, 6);
  rows.requests.clear();
  validation.requests.clear();
  const auto tuning = tune(domain_of(8), rows, validation, {.family = "logistic"}, 3, {}, {});
  ASSERT_TRUE(tuning) << tuning.error().message;
  EXPECT_EQ(tuning->judged_by, MetricName::kLogloss);
  EXPECT_LE(*tuning->trials[0].metrics.logloss, *tuning->trials[2].metrics.logloss);
}

TEST(Tune, RefusesWhatLeavesNothingToSearchOrToJudgeBy) {
  const Domain domain = domain_of(8);
  const LabelledRows rows = lists(30, 7);
  TrainingPlan told = plan_of("logistic");
  told.hyperparameters = {{"logistic.penalty", 1}};
  EXPECT_EQ(tune(domain, rows, rows, told, 3, {}, {}).error().message,
            "nothing of the family logistic is left to search");
  EXPECT_EQ(tune(domain, rows, rows, plan_of("random"), 3, {}, {}).error().message,
            "nothing of the family random is left to search");
  EXPECT_EQ(tune(domain, rows, {}, plan_of("logistic"), 3, {}, {}).error().message,
            "there are too few requests to hold some out for a search");
}

TEST(Tune, EndsWhenAStopIsRequested) {
  std::stop_source stop;
  stop.request_stop();
  const auto tuning =
      tune(domain_of(8), lists(30, 8), lists(20, 9), plan_of("logistic"), 3, {}, stop.get_token());
  ASSERT_FALSE(tuning);
  EXPECT_EQ(tuning.error().code, ErrorCode::kAborted);
}

TEST(Tune, SaysHowToSetWhatItFound) {
  EXPECT_EQ(set_line({}), "");
  EXPECT_EQ(set_line({{"gbdt.depth", 6}, {"gbdt.row_share", 0.55}}),
            " --set gbdt.depth=6 --set gbdt.row_share=0.55");
}

}  // namespace
}  // namespace rankloop::ml
