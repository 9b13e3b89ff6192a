// The gate: whether a challenger has proved itself better than the champion and may answer instead of it.
// Pure functions over snapshots; deterministic by seed. The rules are explained in docs/metrics.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"
#include "ml/evaluate.h"

namespace rankloop::ml {

struct GateRules {
  MetricName metric = MetricName::kNdcg10;
  double margin = 0;               // the lower end of the interval must lie above it
  std::size_t min_requests = 200;  // with fewer there is no evidence
  std::size_t min_people = 10;     // or min_requests when that is less: fewer say too little about others
  std::size_t resamples = 2000;    // at least 100
  double confidence = 0.95;        // of the two-sided interval, between 0.5 and 1
  std::uint64_t seed = 42;
  double most_latency_ratio = 10;  // scoring time of the challenger over the champion's
  double most_calibration_error = 0.1;
  double least_catalog_share = 0.2;  // distinct items shown by the challenger over the champion's
};

// How many of the requests which model answered when they were logged.
struct LoggedBy {
  std::string model;
  std::size_t requests = 0;
};

// Borrowed values of both models for the same requests, in the same order.
struct GateInput {
  std::span<const double> champion;  // the metric itself, finite
  std::span<const double> challenger;
  std::span<const std::int64_t> people;  // who asked; empty: somebody else each time
  std::size_t left_out = 0;              // requests without an outcome or with an undefined metric
  std::optional<double> latency_ratio;   // guardrails; empty: not evaluated, which never blocks
  std::optional<double> calibration_error;
  std::optional<double> catalog_share;
  std::vector<LoggedBy> logged_by;
  std::size_t looks = 1;  // comparisons since the last promotion, this one included
};

enum class Verdict { kPromote, kReject, kInsufficientEvidence };
std::string_view name_of(Verdict verdict);  // "promote", "reject", "insufficient_evidence"

enum class GuardrailState { kPassed, kFailed, kNotEvaluated };
std::string_view name_of(GuardrailState state);  // "passed", "failed", "not_evaluated"

enum class BoundKind { kAtMost, kAtLeast };

struct Guardrail {
  std::string_view name;  // "latency_ratio", "calibration_error", "catalog_share"
  std::optional<double> value;
  BoundKind kind = BoundKind::kAtMost;
  double bound = 0;
  GuardrailState state = GuardrailState::kNotEvaluated;
};

struct GateOutcome {
  Verdict verdict = Verdict::kInsufficientEvidence;
  MetricName metric = MetricName::kNdcg10;
  double margin = 0;
  double confidence = 0;
  // Empty without a request. The delta and its interval are positive where the challenger is better, also for
  // a metric whose smaller values are better.
  std::optional<double> delta;
  std::optional<double> ci_low;
  std::optional<double> ci_high;
  std::optional<double> champion;  // mean over the requests
  std::optional<double> challenger;
  std::size_t n_requests = 0;
  std::size_t n_people = 0;
  std::size_t left_out = 0;
  std::vector<Guardrail> guardrails;
  std::vector<std::string> reasons;  // sentences with numbers, the deciding ones first
  std::vector<LoggedBy> logged_by;
  std::size_t looks = 1;
};

// insufficient_evidence below min_requests or min_people; promote when the lower end of the interval is above
// the margin and no guardrail failed; else reject. The interval is the percentile interval of a paired
// bootstrap that draws people with all their requests (Efron and Tibshirani, 1993; clusters: Davison and
// Hinkley, 1997, 3.8). O(resamples x people). kInvalidArgument: lengths that differ, a value that is not
// finite, rules out of range.
Result<GateOutcome> judge_challenger(const GateRules& rules, const GateInput& input);

// Values of the requests where both models have one; the others are counted.
struct PairedValues {
  std::vector<double> champion;
  std::vector<double> challenger;
  std::vector<std::int64_t> people;  // empty when none were given
  std::size_t left_out = 0;
};

// `people` is empty or as long as both others. kInvalidArgument: lengths that differ.
Result<PairedValues> pair_values(std::span<const std::optional<double>> champion,
                                 std::span<const std::optional<double>> challenger,
                                 std::span<const std::int64_t> people);

// One object: verdict, metric, margin, confidence, delta, ci [low, high], champion, challenger, n_requests,
// n_people, left_out, guardrails, reasons, looks, logged_by. What is empty is null.
std::string to_json(const GateOutcome& outcome);

}  // namespace rankloop::ml
