// Scores rows by a model and averages what that is worth over requests.
#include "ml/standing.h"

#include <algorithm>
#include <numeric>

#include "ml/train.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kResamples = 2'000;
constexpr double kConfidence = 0.95;
constexpr std::uint64_t kSeed = 42;

// The chance that `places` drawn of `items` without replacement hold one of the `positives`.
double chance_of_one(std::size_t items, std::size_t positives, std::size_t places) {
  double none = 1;
  for (std::size_t j = 0; j < places; ++j) {
    if (items - positives <= j) return 1;
    none *= static_cast<double>(items - positives - j) / static_cast<double>(items - j);
  }
  return 1 - none;
}

std::optional<double> hit(std::span<const double> scores, std::span<const double> labels, std::size_t depth) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return scores[a] > scores[b]; });
  double missed = 1;
  bool any = false;
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    std::size_t positives = 0;
    for (last = first; last < order.size() && scores[order[last]] == scores[order[first]]; ++last)
      positives += labels[order[last]] > 0 ? 1 : 0;
    any |= positives > 0;
    if (first < depth && positives > 0)
      missed *= 1 - chance_of_one(last - first, positives, std::min(last, depth) - first);
  }
  return any ? std::optional(1 - missed) : std::nullopt;
}

// Rows as the metrics want them.
struct ScoredRows {
  ScoredRows(const Model& model, const LabelledRows& rows)
      : labels(rows.labels.begin(), rows.labels.end()),
        weights(rows.weights.begin(), rows.weights.end()),
        requests(rows.requests) {
    for (const float score : score_rows(model, rows)) scores.push_back(static_cast<double>(score));
    for (const double score : scores) calibrated.push_back(model.calibration().apply(score));
  }
  Scored by(MetricName metric) const {
    return {metric == MetricName::kLogloss ? calibrated : scores, labels, weights, requests};
  }
  std::vector<double> scores;
  std::vector<double> calibrated;
  std::vector<double> labels;
  std::vector<double> weights;
  std::span<const std::int64_t> requests;
};

}  // namespace

Result<PerRequest> hits_per_request(const Scored& scored, std::size_t depth) {
  // The same requests and the same faults as any other metric has.
  auto values = metric_per_request(scored, MetricName::kMrr);
  if (!values) return values;
  std::size_t request = 0;
  for (std::size_t first = 0, last = 0; first < scored.requests.size(); first = last) {
    while (last < scored.requests.size() && scored.requests[last] == scored.requests[first]) ++last;
    (*values)[request++] =
        hit(scored.scores.subspan(first, last - first), scored.labels.subspan(first, last - first), depth);
  }
  return values;
}

std::optional<MeanOverRequests> mean_over_requests(std::span<const std::optional<double>> values,
                                                   std::span<const std::int64_t> people) {
  std::vector<double> defined;
  std::vector<std::int64_t> who;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) continue;
    defined.push_back(*values[i]);
    if (!people.empty()) who.push_back(people[i]);
  }
  if (defined.empty()) return std::nullopt;
  const double mean =
      std::accumulate(defined.begin(), defined.end(), 0.0) / static_cast<double>(defined.size());
  const Interval interval =
      bootstrap_mean(sum_by_person(defined, {}, who, 0), kResamples, kConfidence, kSeed);
  return MeanOverRequests{mean, interval, defined.size()};
}

std::optional<MeanOverRequests> mean_share_over_requests(std::span<const std::optional<double>> shares,
                                                         std::span<const std::int64_t> people) {
  auto mean = mean_over_requests(shares, people);
  if (mean) mean->interval = {std::max(mean->interval.low, 0.0), std::min(mean->interval.high, 1.0)};
  return mean;
}

std::optional<MeanOverRequests> mean_difference(std::span<const std::optional<double>> a,
                                                std::span<const std::optional<double>> b,
                                                std::span<const std::int64_t> people) {
  PerRequest differences(std::min(a.size(), b.size()));
  for (std::size_t i = 0; i < differences.size(); ++i) {
    if (a[i] && b[i]) differences[i] = *a[i] - *b[i];
  }
  return mean_over_requests(differences, people);
}

Result<Standing> standing_of(const Model& model, const LabelledRows& rows,
                             std::span<const std::int64_t> people, MetricName metric) {
  const ScoredRows scored(model, rows);
  Standing standing;
  auto values = metric_per_request(scored.by(metric), metric);
  if (!values) return values.error();
  const auto ranks = metric_per_request(scored.by(MetricName::kMrr), MetricName::kMrr);
  if (!ranks) return ranks.error();
  const auto hits = hits_per_request(scored.by(MetricName::kMrr), kHitDepth);
  if (!hits) return hits.error();
  standing.values = *std::move(values);
  const auto mean = metric == MetricName::kLogloss ? mean_over_requests : mean_share_over_requests;
  standing.metric = mean(standing.values, people);
  standing.mrr = mean_share_over_requests(*ranks, people);
  standing.hits = mean_share_over_requests(*hits, people);
  return standing;
}

}  // namespace rankloop::ml
