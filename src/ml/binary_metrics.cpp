#include "ml/binary_metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace rankloop::ml {
namespace {

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

// The probability that a positive scores above a negative, from the ranks (Mann and Whitney, 1947).
double area_under_curve(std::span<const float> scores, std::span<const float> labels) {
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
      (labels[order[i]] > 0.5F ? tied_positives : tied_negatives) += 1;
    }
    wins += tied_positives * (negatives + tied_negatives / 2);
    negatives += tied_negatives;
    positives += tied_positives;
    first = i;
  }
  return positives > 0 && negatives > 0 ? wins / (positives * negatives) : 0.5;
}

}  // namespace

BinaryMetrics evaluate_binary(std::span<const float> scores, std::span<const float> labels) {
  constexpr double kSmallest = 1e-7;  // keeps the loss of a certain error finite
  BinaryMetrics metrics;
  if (scores.empty()) return metrics;
  double hits = 0, false_alarms = 0, misses = 0, right = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const bool positive = labels[i] > 0.5F;
    const bool predicted = scores[i] >= 0.5F;
    if (positive == predicted) right += 1;
    if (positive && predicted) hits += 1;
    if (!positive && predicted) false_alarms += 1;
    if (positive && !predicted) misses += 1;
    const double probability = std::clamp(static_cast<double>(scores[i]), kSmallest, 1 - kSmallest);
    metrics.logloss -= std::log(positive ? probability : 1 - probability);
  }
  const auto rows = static_cast<double>(scores.size());
  metrics.accuracy = right / rows;
  metrics.precision = ratio(hits, hits + false_alarms);
  metrics.recall = ratio(hits, hits + misses);
  metrics.f1 = ratio(2 * metrics.precision * metrics.recall, metrics.precision + metrics.recall);
  metrics.auc = area_under_curve(scores, labels);
  metrics.logloss /= rows;
  return metrics;
}

}  // namespace rankloop::ml
