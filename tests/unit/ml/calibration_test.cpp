// Probabilities from scores.
#include "ml/calibration.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

TEST(Calibration, OfThePresetKeepsAScore) {
  for (const double score : {0.001, 0.3, 0.5, 0.99}) EXPECT_NEAR(Calibration{}.apply(score), score, 1e-9);
  EXPECT_GT(Calibration{}.apply(0), 0);
  EXPECT_LT(Calibration{}.apply(1), 1);
}

// Scores whose log-odds are twice and one less than the truth's.
TEST(Calibration, FindsTheCurveThatTheScoresNeed) {
  SampleNumbers random(1);
  std::vector<float> scores, labels;
  for (int i = 0; i < 50'000; ++i) {
    const double truth = random.uniform(-3, 2);
    scores.push_back(static_cast<float>(1 / (1 + std::exp(-(2 * truth - 1)))));
    labels.push_back(random.chance(1 / (1 + std::exp(-truth))) ? 1 : 0);
  }
  const Calibration calibration = fit_calibration(scores, labels, {});
  EXPECT_NEAR(calibration.slope, 0.5, 0.03);
  EXPECT_NEAR(calibration.intercept, 0.5, 0.04);
}

TEST(Calibration, KeepsEveryOrder) {
  const Calibration calibration{0.3F, -2};
  double before = 0;
  for (double score = 0.01; score < 1; score += 0.01) {
    EXPECT_GT(calibration.apply(score), before);
    before = calibration.apply(score);
  }
}

TEST(Calibration, CountsAWeightAsSoManyRows) {
  const std::vector<float> scores = {0.2F, 0.4F, 0.6F, 0.8F};
  const std::vector<float> labels = {0, 1, 0, 1};
  const Calibration weighted = fit_calibration(scores, labels, std::vector<float>{1, 1, 1, 3});
  const Calibration repeated = fit_calibration(std::vector<float>{0.2F, 0.4F, 0.6F, 0.8F, 0.8F, 0.8F},
                                               std::vector<float>{0, 1, 0, 1, 1, 1}, {});
  EXPECT_NEAR(weighted.slope, repeated.slope, 1e-3);
  EXPECT_NEAR(weighted.intercept, repeated.intercept, 1e-3);
}

TEST(Calibration, ChangesNothingWhereThereIsNothingToFit) {
  EXPECT_EQ(fit_calibration({}, {}, {}), Calibration{});
  EXPECT_EQ(fit_calibration(std::vector<float>{0.2F, 0.7F}, std::vector<float>{1, 1}, {}), Calibration{});
  EXPECT_EQ(fit_calibration(std::vector<float>{0.2F, 0.7F}, std::vector<float>{0, 0}, {}), Calibration{});
  // An order that would have to be turned round.
  EXPECT_EQ(fit_calibration(std::vector<float>{0.1F, 0.2F, 0.8F, 0.9F}, std::vector<float>{1, 1, 0, 0}, {}),
            Calibration{});
}

TEST(Calibration, StaysFiniteWhereTheClassesAreApart) {
  const Calibration calibration =
      fit_calibration(std::vector<float>{0, 0.1F, 0.9F, 1}, std::vector<float>{0, 0, 1, 1}, {});
  EXPECT_TRUE(std::isfinite(calibration.slope));
  EXPECT_LT(calibration.apply(1), 1);
  EXPECT_GT(calibration.apply(1), 0.5);
}

}  // namespace
}  // namespace rankloop::ml
