// Accuracy, area under the curve, logloss, calibration error and curve.
#include "ml/row_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

#include "ml/share_interval.h"

namespace rankloop::ml {
namespace {

bool positive(double label) {
  return label > 0.5;
}

double weight_of(std::span<const double> weights, std::size_t row) {
  return weights.empty() ? 1 : weights[row];
}

// Sums over added rows by label, in a binary indexed tree (Fenwick, 1994).
class LesserLabels {
 public:
  explicit LesserLabels(std::span<const double> known)  // ascending
      : known_(known), weights_(known.size() + 1), labels_(known.size() + 1) {}

  void add(double label, double weight) {
    for (std::size_t i = place_of(label) + 1; i < weights_.size(); i += i & (~i + 1)) {
      weights_[i] += weight;
      labels_[i] += weight * label;
    }
  }
  // The sum of weight x (label - the row's label) over the added rows of smaller labels.
  double lead_of(double label) const {
    double weight = 0;
    double sum = 0;
    for (std::size_t i = place_of(label); i > 0; i &= i - 1) {
      weight += weights_[i];
      sum += labels_[i];
    }
    return weight * label - sum;
  }

 private:
  std::size_t place_of(double label) const {
    return static_cast<std::size_t>(std::lower_bound(known_.begin(), known_.end(), label) - known_.begin());
  }

  std::span<const double> known_;
  std::vector<double> weights_;
  std::vector<double> labels_;
};

// Sums over the rows of a bin.
struct BinSums {
  double weight = 0;
  double squared = 0;
  double probability = 0;
  double label = 0;
  std::size_t rows = 0;

  void add(double p, double y, double w) {
    weight += w;
    squared += w * w;
    probability += w * p;
    label += w * y;
    ++rows;
  }
  CalibrationBin bin() const {
    // Rounding may leave a mean of ones a little above 1.
    const double observed = std::clamp(label / weight, 0.0, 1.0);
    const Interval interval = share_interval(observed, weight * weight / squared);
    return {std::clamp(probability / weight, 0.0, 1.0), observed, interval.low, interval.high, rows};
  }
};

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
  std::vector<double> known(labels.begin(), labels.end());
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  LesserLabels below(known);  // of smaller scores
  LesserLabels above(known);  // of smaller scores or the same
  double wins = 0;
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    for (; last < order.size() && scores[order[last]] == scores[order[first]]; ++last)
      above.add(labels[order[last]], weight_of(weights, order[last]));
    for (std::size_t i = first; i < last; ++i) {
      const double label = labels[order[i]];
      wins += weight_of(weights, order[i]) * (below.lead_of(label) + above.lead_of(label)) / 2;
    }
    for (std::size_t i = first; i < last; ++i) below.add(labels[order[i]], weight_of(weights, order[i]));
  }
  double all = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) all += weight_of(weights, i) * above.lead_of(labels[i]);
  if (!(all > 0)) return std::nullopt;
  return wins / all;
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

std::vector<CalibrationBin> calibration_curve(std::span<const double> probabilities,
                                              std::span<const double> labels,
                                              std::span<const double> weights) {
  constexpr std::size_t kBins = 10;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    if (weight_of(weights, i) > 0) order.push_back(i);
  }
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return probabilities[a] < probabilities[b]; });
  std::array<BinSums, kBins> sums{};
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    while (last < order.size() && probabilities[order[last]] == probabilities[order[first]]) ++last;
    BinSums& bin = sums[(first + last) * kBins / (2 * order.size())];
    for (std::size_t i = first; i < last; ++i)
      bin.add(probabilities[order[i]], labels[order[i]], weight_of(weights, order[i]));
  }
  std::vector<CalibrationBin> curve;
  for (const BinSums& bin : sums) {
    if (bin.rows > 0) curve.push_back(bin.bin());
  }
  return curve;
}

}  // namespace rankloop::ml
