// NDCG and its relatives over one list.
#include "ml/request_metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace rankloop::ml {
namespace {

constexpr std::size_t kDeepest = kNdcgDepths.back();

std::array<double, kDeepest> make_discounts() {
  std::array<double, kDeepest> discounts{};
  for (std::size_t i = 0; i < kDeepest; ++i) discounts[i] = 1 / std::log2(static_cast<double>(i) + 2);
  return discounts;
}

// DCG at every depth, fed with groups of tied items from the best down.
struct DiscountedGain {
  const std::array<double, kDeepest> discounts = make_discounts();
  std::array<double, kNdcgDepths.size()> sums{};

  void add(std::size_t first, std::size_t last, double mean_gain) {
    for (std::size_t rank = first; rank < std::min(last, kDeepest); ++rank) {
      for (std::size_t d = 0; d < kNdcgDepths.size(); ++d) {
        if (rank < kNdcgDepths[d]) sums[d] += mean_gain * discounts[rank];
      }
    }
  }
};

double sum_of_reciprocals(std::size_t first, std::size_t last) {
  double sum = 0;
  for (std::size_t rank = first; rank < last; ++rank) sum += 1 / static_cast<double>(rank + 1);
  return sum;
}

// The expected reciprocal rank of the first positive when `positives` of the items ranked first..last stand
// in any order. The first positive is the j-th with a probability that follows from the one before.
double expected_reciprocal(std::size_t first, std::size_t last, std::size_t positives) {
  const std::size_t items = last - first;
  double probability = static_cast<double>(positives) / static_cast<double>(items);
  double expected = 0;
  for (std::size_t j = 1; j <= items - positives + 1; ++j) {
    expected += probability / static_cast<double>(first + j);
    if (j == items) break;
    probability *= static_cast<double>(items - j + 1 - positives) / static_cast<double>(items - j);
  }
  return expected;
}

}  // namespace

void RequestJudge::fill_gains(std::span<const double> labels) {
  // NDCG does not change when all gains are divided by the same number; counts in the thousands stay finite.
  constexpr double kSafeExponent = 512;
  const double highest = *std::max_element(labels.begin(), labels.end());
  const double shift = std::max(0.0, highest - kSafeExponent);
  gains_.assign(labels.begin(), labels.end());
  if (gain_ == Gain::kExponential) {
    for (double& gain : gains_) gain = std::exp2(gain - shift) - std::exp2(-shift);
  }
  best_gains_.resize(std::min(gains_.size(), kDeepest));
  std::partial_sort_copy(gains_.begin(), gains_.end(), best_gains_.begin(), best_gains_.end(),
                         std::greater<>{});
}

RequestMetrics RequestJudge::judge(std::span<const double> scores, std::span<const double> labels) {
  RequestMetrics metrics;
  const double all_labels = std::accumulate(labels.begin(), labels.end(), 0.0);
  const auto all_hits = std::count_if(labels.begin(), labels.end(), [](double label) { return label > 0.5; });
  if (all_labels <= 0) return metrics;

  fill_gains(labels);
  order_.resize(scores.size());
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(), [&](auto a, auto b) { return scores[a] > scores[b]; });

  DiscountedGain ranked;
  std::optional<double> best_positive;
  double label_over_rank = 0;
  double precision_sum = 0;
  std::size_t hits = 0;
  for (std::size_t first = 0, last = 0; first < order_.size(); first = last) {
    double gain = 0;
    double label = 0;
    std::size_t positives = 0;
    std::size_t group_hits = 0;
    for (last = first; last < order_.size() && scores[order_[last]] == scores[order_[first]]; ++last) {
      const double own = labels[order_[last]];
      gain += gains_[order_[last]];
      label += own;
      if (own > 0) ++positives;
      if (own > 0.5) ++group_hits;
    }
    const auto items = static_cast<double>(last - first);
    ranked.add(first, last, gain / items);
    if (label > 0) label_over_rank += label / items * sum_of_reciprocals(first, last);
    if (positives > 0 && !best_positive) best_positive = expected_reciprocal(first, last, positives);
    hits += group_hits;
    precision_sum += static_cast<double>(group_hits) * static_cast<double>(hits) / static_cast<double>(last);
  }

  DiscountedGain ideal;
  for (std::size_t i = 0; i < best_gains_.size(); ++i) ideal.add(i, i + 1, best_gains_[i]);
  for (std::size_t d = 0; d < kNdcgDepths.size(); ++d) {
    metrics.ndcg[d] = std::min(1.0, ranked.sums[d] / ideal.sums[d]);
  }
  metrics.reciprocal_rank =
      rule_ == ReciprocalRank::kBestPositive ? best_positive : label_over_rank / all_labels;
  if (all_hits > 0) metrics.average_precision = precision_sum / static_cast<double>(all_hits);
  return metrics;
}

}  // namespace rankloop::ml
