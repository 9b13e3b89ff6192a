// How well the families learn the simulated guests' choices.
#include <vector>

#include <gtest/gtest.h>

#include "ml/evaluate.h"
#include "ml/train.h"
#include "simulate/labelled.h"

namespace rankloop::simulate {
namespace {

ml::LabelledRows guests(std::int64_t count, std::uint64_t seed, bool crosses) {
  auto rows = make_labelled(*default_domain(), make_places(), default_profile(), {count, 10, seed, crosses});
  EXPECT_TRUE(rows);
  return std::move(rows).value();
}

// Of a model that was trained on 8,000 rows, the last 1,600 of them for validation where the recipe looks at
// them, measured on 20,000 rows of other guests.
ml::Metrics learned(const ml::TrainingPlan& plan, bool crosses) {
  const ml::LabelledRows rows = guests(800, 42, crosses);
  const std::size_t cut = plan.recipe == ml::Recipe::kReference ? rows.rows() : ml::split_row(rows, 0.2);
  const auto model = ml::train_model(*default_domain(), ml::slice(rows, 0, cut),
                                     ml::slice(rows, cut, rows.rows()), plan, {}, {});
  EXPECT_TRUE(model) << model.error().message;
  const ml::LabelledRows test = guests(2000, 1000, crosses);
  const std::vector<float> raw = ml::score_rows(**model, test);
  const std::vector<double> scores(raw.begin(), raw.end());
  std::vector<double> calibrated;
  for (const double score : scores) calibrated.push_back((*model)->calibration().apply(score));
  const std::vector<double> labels(test.labels.begin(), test.labels.end());
  const auto metrics = ml::evaluate({scores, labels, {}, test.requests}, calibrated);
  EXPECT_TRUE(metrics);
  return *metrics;
}

TEST(SimulatedChoices, AreLearnedByWeightsOfFeaturesAndCrosses) {
  const ml::Metrics metrics = learned({.family = "logistic"}, true);
  EXPECT_GT(*metrics.auc, 0.88);
  EXPECT_LT(*metrics.calibration_error, 0.02);
  // Without crosses no weight can say that a price is within a budget.
  EXPECT_LT(*learned({.family = "logistic"}, false).auc, *metrics.auc - 0.03);
}

TEST(SimulatedChoices, AreLearnedByTheNetwork) {
  const ml::Metrics metrics = learned({.family = "mlp"}, true);
  EXPECT_GT(*metrics.auc, 0.87);
  EXPECT_LT(*metrics.calibration_error, 0.02);
  const ml::Metrics reference = learned({.family = "mlp", .recipe = ml::Recipe::kReference}, true);
  EXPECT_GT(*reference.auc, 0.85);
  EXPECT_GT(*metrics.auc, *reference.auc);
  EXPECT_GT(*metrics.ndcg[3], *reference.ndcg[3]);
}

TEST(SimulatedChoices, AreLessAMatterOfWhatIsPopular) {
  const ml::Metrics metrics = learned({.family = "popularity"}, false);
  EXPECT_GT(*metrics.auc, 0.6);
  EXPECT_LT(*metrics.auc, 0.85);
}

}  // namespace
}  // namespace rankloop::simulate
