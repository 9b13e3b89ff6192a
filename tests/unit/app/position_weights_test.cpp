// Picks weighed by position: training, calibration and what judges them see one world.
#include "app/learn/position_weights.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "ml/calibration.h"
#include "ml/evaluate.h"
#include "ml/random_numbers.h"

namespace rankloop::app {
namespace {

constexpr std::int64_t kShown = 10;

// Lists in random order, of items that are liked with the probability in their one column; what stands at
// position k is looked at with 1 / k.
DatasetPart part_of(std::int64_t requests, std::uint64_t seed) {
  ml::RandomNumbers random(seed);
  DatasetPart part;
  part.rows.width = 1;
  for (std::int64_t request = 0; request < requests; ++request) {
    for (std::int64_t position = 1; position <= kShown; ++position) {
      const double liked = random.uniform(0.02, 0.6);
      const bool picked = random.uniform(0, 1) < liked / static_cast<double>(position);
      part.rows.values.push_back(static_cast<float>(liked));
      part.rows.labels.push_back(picked ? 1.0F : 0.0F);
      part.rows.requests.push_back(request);
      part.rows.shown.push_back({.position = static_cast<std::int32_t>(position)});
      part.randomised.push_back(1);
    }
  }
  return part;
}

// Of scores that are calibrated on the validation part, as training does, and judged on the test part.
double calibration_error(const Dataset& dataset, const DatasetPart& judged) {
  const ml::LabelledRows& fitted = dataset.validation.rows;
  const ml::Calibration calibration = ml::fit_calibration(fitted.values, fitted.labels, fitted.weights);
  std::vector<double> scores;
  std::vector<double> calibrated;
  for (const float score : judged.rows.values) {
    scores.push_back(static_cast<double>(score));
    calibrated.push_back(calibration.apply(scores.back()));
  }
  const std::vector<double> labels(judged.rows.labels.begin(), judged.rows.labels.end());
  const std::vector<double> weights(judged.rows.weights.begin(), judged.rows.weights.end());
  return ml::evaluate({scores, labels, weights, judged.rows.requests}, calibrated)->calibration_error.value();
}

TEST(PositionWeights, LetWhatIsCalibratedBeJudgedInTheWorldThatItWasFittedIn) {
  Dataset dataset;
  dataset.train = part_of(4'000, 1);
  dataset.validation = part_of(2'000, 2);
  dataset.test = part_of(2'000, 3);
  const DatasetPart as_it_was = dataset.test;
  ASSERT_TRUE(weigh_by_position(dataset).attraction);
  EXPECT_LT(calibration_error(dataset, dataset.test), 0.03);
  // The same scores in the world before: what stands low was overlooked, and every probability is too high.
  EXPECT_GT(calibration_error(dataset, as_it_was), 0.1);
}

}  // namespace
}  // namespace rankloop::app
