// How good scores are against what happened: the metrics of a model over all rows, and of single requests for
// the gate. Formulas, ties and what is undefined are written down in docs/metrics.md. Pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"
#include "ml/gains.h"
#include "ml/row_metrics.h"

namespace rankloop::ml {

// Rows to be judged, borrowed; all spans that are not empty are equally long.
struct Scored {
  std::span<const double> scores;          // greater is better; infinities are allowed, NaN is not
  std::span<const double> labels;          // >= 0: 0 or 1, a probability, a grade or a count of choices
  std::span<const double> weights;         // >= 0, for metrics over rows; empty: 1 each
  std::span<const std::int64_t> requests;  // rows of one request stand together; empty: unknown, then
                                           // everything per request is undefined
};

inline constexpr std::array<std::size_t, 4> kNdcgDepths = {1, 3, 5, 10};

// Empty: undefined for these rows.
struct Metrics {
  std::optional<double> auc;
  std::optional<double> logloss;  // nats a row
  std::optional<double> acc;      // predicted positive: score >= 0.5; positive: label > 0.5; not of shares
  std::optional<double> pre;
  std::optional<double> rec;
  std::optional<double> f1;
  std::array<std::optional<double>, kNdcgDepths.size()> ndcg;  // at kNdcgDepths
  std::optional<double> mrr;
  std::optional<double> map;
  std::optional<double> calibration_error;        // expected, over 10 bins of equal width
  std::vector<CalibrationBin> calibration_curve;  // empty: as calibration_error
  std::size_t rows = 0;
  std::size_t requests = 0;
  std::size_t requests_with_positive = 0;  // with a label > 0: the mean of NDCG and MRR is over these
};

// The metrics of `raw`. logloss, calibration_error and calibration_curve judge the `calibrated` values,
// probabilities of the same rows (empty: the raw scores). acc, pre, rec, f1 (and without calibrated values
// the three above) need every raw score in [0, 1]. kInvalidArgument, naming the row (counted from 1): a NaN
// score, a label or weight that is negative or not finite, a request whose rows do not stand together, a
// calibrated value outside [0, 1], lengths that differ.
Result<Metrics> evaluate(const Scored& raw, std::span<const double> calibrated = {},
                         Gain gain = Gain::kByLabels);

// The metrics that exist for one request alone. What a way of ranking would have earned by it (kValue) is not
// told by scores: app/learn/list_values.h.
enum class MetricName { kNdcg1, kNdcg3, kNdcg5, kNdcg10, kMrr, kMap, kLogloss, kValue };

std::string_view name_of(MetricName metric);  // "ndcg@10", "mrr", "map", "logloss", "value"
bool greater_is_better(MetricName metric);    // all but logloss
Result<MetricName> parse_metric(
    std::string_view name);  // of scores. kInvalidArgument, naming what is allowed

// The metric of every request, in their order; empty where it is undefined, as kValue is everywhere. Errors
// as evaluate().
Result<std::vector<std::optional<double>>> metric_per_request(const Scored& scored, MetricName metric,
                                                              Gain gain = Gain::kByLabels);

// One object: auc, logloss, acc, pre, rec, f1, ndcg@1, ndcg@3, ndcg@5, ndcg@10, mrr, map, calibration_error,
// calibration_curve [{predicted, observed, ci, rows}], rows, requests, requests_with_positive. Shortest
// numbers that read back the same; undefined: null.
std::string to_json(const Metrics& metrics);

}  // namespace rankloop::ml
