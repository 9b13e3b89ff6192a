// Chooses and scales the inputs of the training rows.
#include "ml/families/mlp/training_set.h"

#include <array>
#include <numeric>
#include <span>

#include "ml/features.h"
#include "ml/standardise.h"

namespace rankloop::ml {
namespace {

std::vector<NetworkInput> choose_inputs(const LabelledRows& rows, std::span<const FittedBounds> bounds,
                                        const MlpRecipe& recipe, std::size_t features) {
  std::vector<NetworkInput> inputs;
  if (recipe.inputs == MlpInputs::kAllStandardised) {
    const std::array<const LabelledRows*, 1> parts = {&rows};
    for (const StandardInput& input : standardise(parts, bounds, features)) {
      inputs.push_back(
          {input.column, input.mean, static_cast<float>(1 / input.deviation), input.bounds, input.absence});
    }
    return inputs;
  }
  const std::vector<ColumnRange> ranges = fit_ranges(rows, bounds);
  const std::vector<double> statistics = chi_squared(rows, ranges);
  for (const std::size_t column : best_columns(statistics, static_cast<std::size_t>(recipe.best_features))) {
    inputs.push_back({static_cast<std::uint32_t>(column), ranges[column].minimum, ranges[column].scale,
                      ranges[column].bounds});
  }
  return inputs;
}

// Requests without a pick say nothing of what is better within a list.
std::vector<RequestRows> requests_with_picks(const TrainingSet& set,
                                             std::span<const std::int64_t> request_of_row) {
  std::vector<RequestRows> requests;
  for (std::uint32_t first = 0, last = 0; first < request_of_row.size(); first = last) {
    RequestRows request{.first = first};
    for (; last < request_of_row.size() && request_of_row[last] == request_of_row[first]; ++last) {
      request.picks += set.weights[last] * set.labels[last];
    }
    request.count = last - first;
    if (request.picks > 0) requests.push_back(request);
  }
  return requests;
}

}  // namespace

TrainingSet make_training_set(const LabelledRows& rows, const MlpRecipe& recipe, std::size_t features) {
  TrainingSet set;
  const std::array<const LabelledRows*, 1> parts = {&rows};
  set.bounds = fit_bounds(parts);
  set.inputs = choose_inputs(rows, set.bounds, recipe, features);
  set.words = Vocabularies::fit(parts);
  set.places.emplace(set.words, rows.view(), rows.rows());
  set.values.reserve(rows.rows() * set.inputs.size());
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    for (const NetworkInput& input : set.inputs) {
      set.values.push_back(input.scaled(rows.values[r * rows.width + input.column]));
    }
    (rows.labels[r] > 0.5F ? set.positives : set.negatives).push_back(static_cast<std::uint32_t>(r));
  }
  set.labels = rows.labels;
  set.weights = rows.weights.empty() ? std::vector<float>(rows.rows(), 1.0F) : rows.weights;
  const double total = std::accumulate(set.weights.begin(), set.weights.end(), 0.0);
  const auto scale = static_cast<float>(static_cast<double>(rows.rows()) / total);
  for (float& weight : set.weights) weight *= scale;
  set.requests = requests_with_picks(set, rows.requests);
  return set;
}

}  // namespace rankloop::ml
