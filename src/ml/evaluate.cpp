// Sums the metrics over requests and rows.
#include "ml/evaluate.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "domain/strict_json.h"
#include "ml/request_metrics.h"
#include "ml/row_metrics.h"

namespace rankloop::ml {
namespace {

struct NamedMetric {
  MetricName metric;
  std::string_view name;
};
constexpr std::array<NamedMetric, 7> kNamedMetrics = {{{MetricName::kNdcg1, "ndcg@1"},
                                                       {MetricName::kNdcg3, "ndcg@3"},
                                                       {MetricName::kNdcg5, "ndcg@5"},
                                                       {MetricName::kNdcg10, "ndcg@10"},
                                                       {MetricName::kMrr, "mrr"},
                                                       {MetricName::kMap, "map"},
                                                       {MetricName::kLogloss, "logloss"}}};

Error bad_row(std::string_view what, std::size_t row, double value, std::string_view allowed) {
  std::string message = "the " + std::string{what} + " of row " + std::to_string(row + 1) + " is ";
  if (std::isnan(value)) {
    message += "not a number";
  } else if (std::isinf(value)) {
    message += "infinite";
  } else {
    append_json_number(message, value);
  }
  return {ErrorCode::kInvalidArgument, message + "; allowed is " + std::string{allowed}};
}

Error bad_length(std::string_view what, std::size_t length, std::size_t rows) {
  return {ErrorCode::kInvalidArgument, "there are " + std::to_string(rows) + " scores but " +
                                           std::to_string(length) + " " + std::string{what} +
                                           "; allowed is one for each score"};
}

Status check_lengths(const Scored& scored) {
  const std::size_t rows = scored.scores.size();
  if (scored.labels.size() != rows) return bad_length("labels", scored.labels.size(), rows);
  if (!scored.weights.empty() && scored.weights.size() != rows)
    return bad_length("weights", scored.weights.size(), rows);
  if (!scored.requests.empty() && scored.requests.size() != rows)
    return bad_length("requests", scored.requests.size(), rows);
  return {};
}

bool finite_and_not_negative(double number) {
  return std::isfinite(number) && number >= 0;
}

Status check_rows(const Scored& scored) {
  if (Status lengths = check_lengths(scored); !lengths) return lengths;
  for (std::size_t i = 0; i < scored.scores.size(); ++i) {
    if (std::isnan(scored.scores[i])) return bad_row("score", i, scored.scores[i], "any number");
    if (!finite_and_not_negative(scored.labels[i]))
      return bad_row("label", i, scored.labels[i], "a finite number from 0");
    if (!scored.weights.empty() && !finite_and_not_negative(scored.weights[i]))
      return bad_row("weight", i, scored.weights[i], "a finite number from 0");
  }
  return {};
}

bool all_in_unit_interval(std::span<const double> numbers) {
  return std::all_of(numbers.begin(), numbers.end(),
                     [](double number) { return number >= 0 && number <= 1; });
}

// Whether labels are parts of one: then which rows are positive is no question of a threshold.
bool are_shares(std::span<const double> labels) {
  return std::any_of(labels.begin(), labels.end(), [](double label) { return label > 0 && label < 1; });
}

struct RowRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

Result<std::vector<RowRange>> ranges_of_requests(std::span<const std::int64_t> requests) {
  std::vector<RowRange> ranges;
  std::unordered_set<std::int64_t> seen;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (i > 0 && requests[i] == requests[i - 1]) {
      ++ranges.back().count;
      continue;
    }
    if (!seen.insert(requests[i]).second) {
      return Error{ErrorCode::kInvalidArgument,
                   "row " + std::to_string(i + 1) + " belongs to request " + std::to_string(requests[i]) +
                       ", whose other rows stand apart; rows of one request must "
                       "stand together"};
    }
    ranges.push_back({i, 1});
  }
  return ranges;
}

// One rule for all requests, so that their mean means something.
ReciprocalRank rule_for(std::span<const double> labels) {
  const bool binary =
      std::all_of(labels.begin(), labels.end(), [](double label) { return label == 0 || label == 1; });
  return binary ? ReciprocalRank::kBestPositive : ReciprocalRank::kMeanOverChoices;
}

struct Mean {
  double sum = 0;
  std::size_t count = 0;
  void add(const std::optional<double>& value) {
    if (!value) return;
    sum += *value;
    ++count;
  }
  std::optional<double> value() const {
    return count > 0 ? std::optional{sum / static_cast<double>(count)} : std::nullopt;
  }
};

void add_row_metrics(const Scored& raw, std::span<const double> calibrated, Metrics& metrics) {
  metrics.auc = area_under_curve(raw.scores, raw.labels, raw.weights);
  const bool are_probabilities = all_in_unit_interval(raw.scores);
  if (are_probabilities && !are_shares(raw.labels)) {
    if (const auto at_half = threshold_metrics(raw.scores, raw.labels, raw.weights)) {
      metrics.acc = at_half->acc;
      metrics.pre = at_half->pre;
      metrics.rec = at_half->rec;
      metrics.f1 = at_half->f1;
    }
  }
  const bool judged = are_probabilities || !calibrated.empty();
  if (!judged || !all_in_unit_interval(raw.labels)) return;
  const std::span<const double> probabilities = calibrated.empty() ? raw.scores : calibrated;
  metrics.logloss = log_loss(probabilities, raw.labels, raw.weights);
  metrics.calibration_error = calibration_error(probabilities, raw.labels, raw.weights);
  metrics.calibration_curve = calibration_curve(probabilities, raw.labels, raw.weights);
}

void add_request_metrics(const Scored& scored, const std::vector<RowRange>& ranges, Gain gain,
                         Metrics& metrics) {
  RequestJudge judge{settled(gain, scored.labels), rule_for(scored.labels)};
  std::array<Mean, kNdcgDepths.size()> ndcg;
  Mean mrr;
  Mean map;
  for (const auto [first, count] : ranges) {
    const RequestMetrics one =
        judge.judge(scored.scores.subspan(first, count), scored.labels.subspan(first, count));
    for (std::size_t d = 0; d < ndcg.size(); ++d) ndcg[d].add(one.ndcg[d]);
    mrr.add(one.reciprocal_rank);
    map.add(one.average_precision);
  }
  for (std::size_t d = 0; d < ndcg.size(); ++d) metrics.ndcg[d] = ndcg[d].value();
  metrics.mrr = mrr.value();
  if (!are_shares(scored.labels)) metrics.map = map.value();
  metrics.requests = ranges.size();
  metrics.requests_with_positive = mrr.count;
}

std::optional<double> pick(const RequestMetrics& metrics, MetricName metric) {
  switch (metric) {
    case MetricName::kNdcg1:
      return metrics.ndcg[0];
    case MetricName::kNdcg3:
      return metrics.ndcg[1];
    case MetricName::kNdcg5:
      return metrics.ndcg[2];
    case MetricName::kNdcg10:
      return metrics.ndcg[3];
    case MetricName::kMrr:
      return metrics.reciprocal_rank;
    case MetricName::kMap:
      return metrics.average_precision;
    case MetricName::kLogloss:
    case MetricName::kValue:
      break;  // is not of a ranking
  }
  return std::nullopt;
}

std::vector<std::optional<double>> loss_per_request(const Scored& scored,
                                                    const std::vector<RowRange>& ranges) {
  std::vector<std::optional<double>> losses(ranges.size());
  if (!all_in_unit_interval(scored.scores) || !all_in_unit_interval(scored.labels)) return losses;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const auto [first, count] = ranges[i];
    const auto weights = scored.weights.empty() ? scored.weights : scored.weights.subspan(first, count);
    losses[i] = log_loss(scored.scores.subspan(first, count), scored.labels.subspan(first, count), weights);
  }
  return losses;
}

std::string curve_json(const std::vector<CalibrationBin>& curve) {
  if (curve.empty()) return "null";
  std::string json;
  for (const CalibrationBin& bin : curve) {
    json += json.empty() ? "[{\"predicted\":" : ",{\"predicted\":";
    append_json_number(json, bin.predicted);
    json += ",\"observed\":";
    append_json_number(json, bin.observed);
    json += ",\"ci\":[";
    append_json_number(json, bin.low);
    json += ',';
    append_json_number(json, bin.high);
    json += "],\"rows\":" + std::to_string(bin.rows) + '}';
  }
  return json + ']';
}

}  // namespace

Result<Metrics> evaluate(const Scored& raw, std::span<const double> calibrated, Gain gain) {
  if (Status rows = check_rows(raw); !rows) return rows.error();
  if (!calibrated.empty() && calibrated.size() != raw.scores.size())
    return bad_length("calibrated values", calibrated.size(), raw.scores.size());
  for (std::size_t i = 0; i < calibrated.size(); ++i) {
    if (!(calibrated[i] >= 0 && calibrated[i] <= 1))
      return bad_row("calibrated value", i, calibrated[i], "a number from 0 to 1");
  }
  const auto ranges = ranges_of_requests(raw.requests);
  if (!ranges) return ranges.error();
  Metrics metrics;
  metrics.rows = raw.scores.size();
  add_row_metrics(raw, calibrated, metrics);
  add_request_metrics(raw, *ranges, gain, metrics);
  return metrics;
}

std::string_view name_of(MetricName metric) {
  if (metric == MetricName::kValue) return "value";
  return std::find_if(kNamedMetrics.begin(), kNamedMetrics.end(),
                      [&](const NamedMetric& named) { return named.metric == metric; })
      ->name;
}

bool greater_is_better(MetricName metric) {
  return metric != MetricName::kLogloss;
}

Result<MetricName> parse_metric(std::string_view name) {
  std::string allowed;
  for (const NamedMetric& named : kNamedMetrics) {
    if (named.name == name) return named.metric;
    allowed += (allowed.empty() ? "" : ", ") + std::string{named.name};
  }
  return Error{ErrorCode::kInvalidArgument,
               "the metric '" + std::string{name} + "' is not known; allowed are " + allowed};
}

Result<std::vector<std::optional<double>>> metric_per_request(const Scored& scored, MetricName metric,
                                                              Gain gain) {
  if (Status rows = check_rows(scored); !rows) return rows.error();
  const auto ranges = ranges_of_requests(scored.requests);
  if (!ranges) return ranges.error();
  if (metric == MetricName::kLogloss) return loss_per_request(scored, *ranges);
  RequestJudge judge{settled(gain, scored.labels), rule_for(scored.labels)};
  std::vector<std::optional<double>> values;
  values.reserve(ranges->size());
  for (const auto [first, count] : *ranges) {
    values.push_back(
        pick(judge.judge(scored.scores.subspan(first, count), scored.labels.subspan(first, count)), metric));
  }
  return values;
}

std::string to_json(const Metrics& metrics) {
  std::string json = "{";
  const auto add = [&](const std::string& name, const std::optional<double>& value) {
    json += '"' + name + "\":";
    if (value) {
      append_json_number(json, *value);
    } else {
      json += "null";
    }
    json += ',';
  };
  add("auc", metrics.auc);
  add("logloss", metrics.logloss);
  add("acc", metrics.acc);
  add("pre", metrics.pre);
  add("rec", metrics.rec);
  add("f1", metrics.f1);
  for (std::size_t d = 0; d < kNdcgDepths.size(); ++d)
    add("ndcg@" + std::to_string(kNdcgDepths[d]), metrics.ndcg[d]);
  add("mrr", metrics.mrr);
  add("map", metrics.map);
  add("calibration_error", metrics.calibration_error);
  return json + "\"calibration_curve\":" + curve_json(metrics.calibration_curve) +
         ",\"rows\":" + std::to_string(metrics.rows) + ",\"requests\":" + std::to_string(metrics.requests) +
         ",\"requests_with_positive\":" + std::to_string(metrics.requests_with_positive) + "}";
}

}  // namespace rankloop::ml
