// Sums the gradients between inputs of 0 and those of the row.
#include "ml/families/mlp/explain_network.h"

#include <array>
#include <vector>

namespace rankloop::ml {
namespace {

// What enters the first layer.
struct Entry {
  double value = 0;
  const float* weights = nullptr;  // [kHidden]
  std::size_t at = 0;              // among the contributions
};

std::vector<Entry> entries_of(const Network& network, const FeatureRows& row) {
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < network.inputs.size(); ++i) {
    const NetworkInput& input = network.inputs[i];
    if (input.column >= row.width) continue;  // absent, so 0
    entries.push_back({static_cast<double>(input.scaled(row.values[input.column])),
                       network.first_weights.data() + i * kHidden, input.column});
  }
  const PlacesOfRows places(network.words, row, 1);
  for (const std::uint32_t place : places.at(0)) {
    entries.push_back({1, network.word_row(place), row.width + network.words.column_of(place)});
  }
  return entries;
}

// The log-odds of `share` of what enters; adds the gradient, times `step`, to `slopes` when there are any.
double forward(const Network& network, std::span<const Entry> entries, double share, double step,
               std::span<double> slopes) {
  std::array<double, kHidden> first{};
  for (std::size_t h = 0; h < kHidden; ++h) first[h] = static_cast<double>(network.first_bias[h]);
  for (const Entry& entry : entries) {
    for (std::size_t h = 0; h < kHidden; ++h) {
      first[h] += share * entry.value * static_cast<double>(entry.weights[h]);
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
      slope += first_slopes[h] * static_cast<double>(entries[i].weights[h]);
    }
    slopes[i] += slope * step;
  }
  return logit;
}

}  // namespace

Explanation explain_network(const Network& network, const FeatureRows& row) {
  constexpr int kSteps = 256;
  const std::vector<Entry> entries = entries_of(network, row);
  std::vector<double> slopes(entries.size());
  for (int step = 0; step < kSteps; ++step)
    forward(network, entries, (step + 0.5) / kSteps, 1.0 / kSteps, slopes);
  Explanation explanation;
  explanation.contributions.resize(row.width + row.codes.size());
  // The steps' error goes to the base, so that the sum is exact.
  explanation.base = forward(network, entries, 1, 0, {});
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const double contribution = entries[i].value * slopes[i];
    explanation.contributions[entries[i].at] += contribution;
    explanation.base -= contribution;
  }
  return explanation;
}

}  // namespace rankloop::ml
