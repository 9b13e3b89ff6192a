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

#include "domain/ledger_words.h"
#include "error/result.h"
#include "ml/evaluate.h"
#include "ml/gate_power.h"

namespace rankloop::ml {

struct GateRules {
  MetricName metric = MetricName::kNdcg10;
  double margin = 0;               // the lower end of the interval must lie above it
  std::size_t min_requests = 200;  // with fewer there is no evidence
  std::size_t min_people = 30;     // or min_requests when that is less: fewer say too little about others
  std::size_t person_limit = 0;    // requests of one person beyond it add no weight; 0: no bound
  bool spend_over_looks = false;   // each look since the last promotion makes the interval wider
  // The interval holds however often the same two models are compared while requests are added, from some
  // hundred people on (confidence_sequence.h); it is wider than that of one look.
  bool time_uniform = false;
  std::size_t resamples = 2000;  // at least 100
  double confidence = 0.95;      // of the two-sided interval, between 0.5 and 1
  std::uint64_t seed = 42;
  double most_latency_ratio = 20;  // scoring time of the challenger over the champion's
  double most_calibration_error = 0.1;
  double least_catalog_share = 0.2;  // distinct items shown by the challenger over the champion's
  double least_own_top_shown = 0.5;  // of what the challenger would show, on lists that models ordered
  double effect = 0.02;  // above the margin: the difference that is worth finding; 0: none is named
};

// Who ordered the judged lists, and so what they can tell.
enum class Basis {
  kGiven,        // nobody's model, as far as is known: compared as they are
  kRandomised,   // a random order: what stood where says nothing about what was in it
  kCorrected,    // models ordered them; what a position draws is known from random orders and weighed out
  kUncorrected,  // models ordered them and nothing is known of what a position draws
  kOffPolicy     // whoever did, with known chances, by which each model's own lists are valued
};
std::string_view name_of(Basis basis);  // "given", "randomised", "corrected", "uncorrected", "off_policy"

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
  std::span<const double> weights{};     // above 0; empty: 1 each
  // The weights as they may be as well, for all that is known; the interval covers each of them.
  std::vector<std::vector<double>> other_weights{};
  std::span<const std::uint8_t> randomised{};  // 1: its list was a random order; empty: none
  Basis basis = Basis::kGiven;
  std::optional<double> own_top_shown{};  // share of what the challenger would show that the lists had
  std::vector<std::string> remarks{};     // sentences about how the requests were chosen
  std::vector<std::string> refusals{};    // sentences: why these requests cannot tell
  std::size_t left_out = 0;               // requests without an outcome or with an undefined metric
  std::optional<double> latency_ratio;    // guardrails; empty: not evaluated, which never blocks
  std::optional<double> calibration_error;
  std::optional<double> catalog_share;
  std::vector<LoggedBy> logged_by;
  std::size_t looks = 1;  // comparisons since the last promotion, this one included
  // Requests that could be judged if their lists were in random order, those that are judged included; 0: it
  // is not known.
  std::size_t test_requests = 0;
};

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
  Basis basis = Basis::kGiven;
  std::size_t n_randomised = 0;            // judged requests whose lists were random orders
  std::optional<double> randomised_delta;  // of them alone
  std::optional<double> randomised_low;
  std::optional<double> randomised_high;
  std::optional<double> own_top_shown;
  bool can_tell = true;        // no refusal
  bool looked = false;         // there was enough to judge, so this was a look
  std::optional<Power> power;  // what could be found; empty: it is settled, or nothing differs
  std::vector<Guardrail> guardrails;
  std::vector<std::string> reasons;  // sentences with numbers, the deciding ones first
  std::vector<LoggedBy> logged_by;
  std::size_t looks = 1;
};

// insufficient_evidence below min_requests or min_people, and with a refusal; promote when the lower end of
// the interval is above the margin and no guardrail failed; else reject. Where models ordered the lists, more
// is asked (Basis): least_own_top_shown for a promotion, and that the random orders among them, 50 or more,
// do not say the contrary; uncorrected lists never prove a challenger worse. The interval is the studentised
// one of a paired bootstrap that draws people with all their requests (bootstrap.h), or time_uniform. With
// spend_over_looks the k-th look has 1 / (k (k + 1)) of the error of one: all looks of a champion's tenure
// together have no more than one had. O(resamples x people). kInvalidArgument: lengths that differ, a value
// that is not finite, rules out of range.
Result<GateOutcome> judge_challenger(const GateRules& rules, const GateInput& input);

// Values of the requests where both models have one; the others are counted.
struct PairedValues {
  std::vector<double> champion;
  std::vector<double> challenger;
  std::vector<std::int64_t> people;  // empty when none were given
  std::vector<std::size_t> kept;     // which requests these are
  std::size_t left_out = 0;
};

// `people` is empty or as long as both others. kInvalidArgument: lengths that differ.
Result<PairedValues> pair_values(std::span<const std::optional<double>> champion,
                                 std::span<const std::optional<double>> challenger,
                                 std::span<const std::int64_t> people);

// What such an object says; of one that older versions wrote, too.
struct Judged {
  Verdict verdict = Verdict::kInsufficientEvidence;
  bool looked = true;
};

// One object: verdict, metric, margin, confidence, delta, ci [low, high], champion, challenger, n_requests,
// n_people, left_out, basis, randomised {requests, delta, ci}, randomised_share, own_top_shown, looked,
// power {detectable, effect, requests, randomised_share}, guardrails, reasons, looks, logged_by. What is
// empty is null.
std::string to_json(const GateOutcome& outcome);
// Nothing of a text that is no such object.
std::optional<Judged> read_judged(std::string_view json);

}  // namespace rankloop::ml
