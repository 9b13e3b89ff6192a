// Sums the gradients between inputs of 0 and those of the row.
#include "ml/families/mlp/explain_network.h"

#include <array>
#include <vector>

namespace rankloop::ml {
namespace {

// The log-odds of scaled inputs; adds the gradient, times `step`, to `slopes` when there are any.
double forward(const Network& network, std::span<const double> inputs, double step,
               std::span<double> slopes) {
  std::array<double, kHidden> first{};
  for (std::size_t h = 0; h < kHidden; ++h) first[h] = static_cast<double>(network.first_bias[h]);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (std::size_t h = 0; h < kHidden; ++h) {
      first[h] += inputs[i] * static_cast<double>(network.first_weights[i * kHidden + h]);
    }
  }
  double logit = static_cast<double>(network.third_bias);
  std::array<double, kHidden> first_slopes{};
  for (std::size_t o = 0; o < kSecond; ++o) {
    double second = static_cast<double>(network.second_bias[o]);
    for (std::size_t h = 0; h < kHidden; ++h) {
      if (first[h] > 0) second += first[h] * static_cast<double>(network.second_weights[h * kSecond + o]);
    }
    if (second <= 0) continue;
    const auto weight = static_cast<double>(network.third_weights[o]);
    logit += second * weight;
    for (std::size_t h = 0; h < kHidden; ++h) {
      if (first[h] > 0)
        first_slopes[h] += weight * static_cast<double>(network.second_weights[h * kSecond + o]);
    }
  }
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    double slope = 0;
    for (std::size_t h = 0; h < kHidden; ++h) {
      slope += first_slopes[h] * static_cast<double>(network.first_weights[i * kHidden + h]);
    }
    slopes[i] += slope * step;
  }
  return logit;
}

}  // namespace

Explanation explain_network(const Network& network, const FeatureRows& row) {
  constexpr int kSteps = 256;
  const std::size_t count = network.inputs.size();
  std::vector<double> inputs(count);
  for (std::size_t i = 0; i < count; ++i) {
    const NetworkInput& input = network.inputs[i];
    if (input.column < row.width) inputs[i] = static_cast<double>(input.scaled(row.values[input.column]));
  }
  std::vector<double> slopes(count);
  std::vector<double> at(count);
  for (int step = 0; step < kSteps; ++step) {
    for (std::size_t i = 0; i < count; ++i) at[i] = inputs[i] * (step + 0.5) / kSteps;
    forward(network, at, 1.0 / kSteps, slopes);
  }
  Explanation explanation;
  explanation.contributions.resize(row.width);
  // The steps' error goes to the base, so that the sum is exact.
  explanation.base = forward(network, inputs, 0, {});
  for (std::size_t i = 0; i < count; ++i) {
    if (network.inputs[i].column >= row.width) continue;
    const double contribution = inputs[i] * slopes[i];
    explanation.contributions[network.inputs[i].column] += contribution;
    explanation.base -= contribution;
  }
  return explanation;
}

}  // namespace rankloop::ml
