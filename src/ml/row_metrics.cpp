#include "ml/row_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

namespace rankloop::ml {
namespace {

bool positive(double label) {
  return label > 0.5;
}

double weight_of(std::span<const double> weights, std::size_t row) {
  return weights.empty() ? 1 : weights[row];
}

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

}  // namespace

std::optional<ThresholdMetrics> threshold_metrics(std::span<const double> scores,
                                                  std::span<const double> labels,
                                                  std::span<const double> weights) {
  double hits = 0, false_alarms = 0, misses = 0, all = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double weight = weight_of(weights, i);
    const bool predicted = scores[i] >= 0.5;
    all += weight;
    if (positive(labels[i])) {
      (predicted ? hits : misses) += weight;
    } else if (predicted) {
      false_alarms += weight;
    }
  }
  if (all <= 0) return std::nullopt;
  return ThresholdMetrics{.acc = (all - misses - false_alarms) / all,
                          .pre = ratio(hits, hits + false_alarms),
                          .rec = ratio(hits, hits + misses),
                          .f1 = ratio(2 * hits, 2 * hits + false_alarms + misses)};
}

std::optional<double> area_under_curve(std::span<const double> scores, std::span<const double> labels,
                                       std::span<const double> weights) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  double wins = 0;
  double negatives = 0;  // with smaller scores
  double positives = 0;
  for (std::size_t first = 0; first < order.size();) {
    double tied_positives = 0;
    double tied_negatives = 0;
    std::size_t i = first;
    for (; i < order.size() && scores[order[i]] == scores[order[first]]; ++i) {
      (positive(labels[order[i]]) ? tied_positives : tied_negatives) += weight_of(weights, order[i]);
    }
    wins += tied_positives * (negatives + tied_negatives / 2);
    negatives += tied_negatives;
    positives += tied_positives;
    first = i;
  }
  if (positives <= 0 || negatives <= 0) return std::nullopt;
  return wins / (positives * negatives);
}

std::optional<double> log_loss(std::span<const double> probabilities, std::span<const double> labels,
                               std::span<const double> weights) {
  // As scikit-learn: keeps the loss of a certain error finite.
  constexpr double kSmallest = std::numeric_limits<double>::epsilon();
  double loss = 0;
  double all = 0;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    const double probability = std::clamp(probabilities[i], kSmallest, 1 - kSmallest);
    const double weight = weight_of(weights, i);
    loss -= weight * (labels[i] * std::log(probability) + (1 - labels[i]) * std::log1p(-probability));
    all += weight;
  }
  if (all <= 0) return std::nullopt;
  return loss / all;
}

std::optional<double> calibration_error(std::span<const double> probabilities, std::span<const double> labels,
                                        std::span<const double> weights) {
  constexpr std::size_t kBins = 10;
  std::array<double, kBins> surplus{};  // of probability over label, weighted
  double all = 0;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    const auto bin = std::min(kBins - 1, static_cast<std::size_t>(probabilities[i] * kBins));
    const double weight = weight_of(weights, i);
    surplus[bin] += weight * (probabilities[i] - labels[i]);
    all += weight;
  }
  if (all <= 0) return std::nullopt;
  double error = 0;
  for (const double of_bin : surplus) error += std::abs(of_bin);
  return error / all;
}

}  // namespace rankloop::ml
