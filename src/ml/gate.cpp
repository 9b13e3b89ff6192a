#include "ml/gate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "ml/bootstrap.h"

namespace rankloop::ml {
namespace {

// Four digits that mean something, for sentences.
std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value == 0 ? 0.0 : value);
  return text.data();
}

std::string counted(std::size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

Status check_rules(const GateRules& rules) {
  constexpr std::size_t kMostResamples = 1'000'000;
  const auto refuse = [](const std::string& what, double value, const std::string& allowed) {
    return Error{ErrorCode::kInvalidArgument,
                 "the gate's " + what + " is " + number(value) + "; allowed is " + allowed};
  };
  if (!std::isfinite(rules.margin)) return refuse("margin", rules.margin, "a finite number");
  if (rules.resamples < 100 || rules.resamples > kMostResamples)
    return refuse("number of resamples", static_cast<double>(rules.resamples), "100 to 1000000");
  if (!(rules.confidence >= 0.5 && rules.confidence < 1))
    return refuse("confidence", rules.confidence, "at least 0.5 and below 1");
  return {};
}

Status check_values(const GateInput& input) {
  const std::size_t requests = input.champion.size();
  if (input.challenger.size() != requests || (!input.people.empty() && input.people.size() != requests)) {
    return Error{ErrorCode::kInvalidArgument,
                 "the champion has " + counted(requests, "value", "values") + ", the challenger " +
                     std::to_string(input.challenger.size()) + ", and people are known for " +
                     std::to_string(input.people.size()) + "; allowed is the same number of each"};
  }
  for (std::size_t i = 0; i < requests; ++i) {
    if (!std::isfinite(input.champion[i]) || !std::isfinite(input.challenger[i])) {
      return Error{ErrorCode::kInvalidArgument, "a value of request " + std::to_string(i + 1) +
                                                    " is not finite; allowed are finite numbers"};
    }
  }
  return {};
}

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

Guardrail check(std::string_view name, const std::optional<double>& value, BoundKind kind, double bound) {
  Guardrail guardrail{name, value, kind, bound, GuardrailState::kNotEvaluated};
  if (!value || std::isnan(*value)) {
    guardrail.value.reset();
    return guardrail;
  }
  const bool holds = kind == BoundKind::kAtMost ? *value <= bound : *value >= bound;
  guardrail.state = holds ? GuardrailState::kPassed : GuardrailState::kFailed;
  return guardrail;
}

std::string_view words_of(BoundKind kind) {
  return kind == BoundKind::kAtMost ? "at most" : "at least";
}

void estimate(const GateRules& rules, const GateInput& input, GateOutcome& outcome) {
  outcome.n_requests = input.champion.size();
  if (outcome.n_requests == 0) return;
  const double direction = greater_is_better(rules.metric) ? 1 : -1;
  std::vector<double> differences(outcome.n_requests);
  for (std::size_t i = 0; i < differences.size(); ++i)
    differences[i] = direction * (input.challenger[i] - input.champion[i]);
  const std::vector<PersonSum> people = sum_by_person(differences, input.people);
  const Interval interval = bootstrap_mean(people, rules.resamples, rules.confidence, rules.seed);
  outcome.n_people = people.size();
  outcome.champion = mean_of(input.champion);
  outcome.challenger = mean_of(input.challenger);
  outcome.delta = mean_of(differences);
  outcome.ci_low = interval.low;
  outcome.ci_high = interval.high;
}

bool above_margin(const GateOutcome& outcome) {
  return outcome.ci_low && *outcome.ci_low > outcome.margin;
}

std::string sentence_of_interval(const GateOutcome& outcome) {
  const std::string interval = "the " + number(100 * outcome.confidence) + " % interval, " +
                               number(*outcome.ci_low) + " to " + number(*outcome.ci_high) + ", ";
  std::string way = "as good as the champion's";
  if (*outcome.delta != 0) {
    way = (*outcome.delta > 0 ? "better by " : "worse by ") + number(std::abs(*outcome.delta));
  }
  const std::string start =
      "The challenger's " + std::string{name_of(outcome.metric)} + " is " + way + "; " + interval;
  const std::string margin = number(outcome.margin);
  if (above_margin(outcome)) return start + "lies above the margin of " + margin + ".";
  if (*outcome.ci_high < 0) return start + "lies below 0: it is worse.";
  return start + "does not lie above the margin of " + margin + ": it is not proved better.";
}

// Whoever asks for few requests asks for no more people.
std::size_t needed_people(const GateRules& rules) {
  return std::min(rules.min_people, rules.min_requests);
}

void explain(const GateRules& rules, GateOutcome& outcome) {
  std::vector<std::string>& reasons = outcome.reasons;
  if (outcome.n_requests < rules.min_requests) {
    reasons.push_back("Only " + counted(outcome.n_requests, "request", "requests") +
                      " can be judged; at least " + std::to_string(rules.min_requests) + " are needed.");
  }
  if (outcome.n_people < needed_people(rules) && outcome.n_requests > 0) {
    reasons.push_back("The requests are those of " + counted(outcome.n_people, "person", "people") +
                      "; at least " + std::to_string(needed_people(rules)) + " are needed.");
  }
  // What stands against a challenger that would be promoted otherwise comes before the interval.
  const bool blocked_only = outcome.delta && above_margin(outcome);
  if (outcome.delta && !blocked_only) reasons.push_back(sentence_of_interval(outcome));
  for (const Guardrail& guardrail : outcome.guardrails) {
    if (guardrail.state != GuardrailState::kFailed) continue;
    reasons.push_back("The guardrail " + std::string{guardrail.name} + " failed: it is " +
                      number(*guardrail.value) + "; allowed is " + std::string{words_of(guardrail.kind)} +
                      " " + number(guardrail.bound) + ".");
  }
  if (blocked_only) reasons.push_back(sentence_of_interval(outcome));
  if (outcome.left_out > 0) {
    reasons.push_back(counted(outcome.left_out, "request was", "requests were") +
                      " left out: without an outcome, or " + std::string{name_of(outcome.metric)} +
                      " is undefined there.");
  }
  if (outcome.looks > 1) {
    reasons.push_back("This is look " + std::to_string(outcome.looks) +
                      " since the last promotion; with every look chance gets another try.");
  }
}

Verdict decide(const GateRules& rules, const GateOutcome& outcome) {
  if (outcome.n_requests < rules.min_requests || outcome.n_people < needed_people(rules) || !outcome.delta)
    return Verdict::kInsufficientEvidence;
  const bool blocked =
      std::any_of(outcome.guardrails.begin(), outcome.guardrails.end(),
                  [](const Guardrail& guardrail) { return guardrail.state == GuardrailState::kFailed; });
  return above_margin(outcome) && !blocked ? Verdict::kPromote : Verdict::kReject;
}

}  // namespace

Result<GateOutcome> judge_challenger(const GateRules& rules, const GateInput& input) {
  if (Status good = check_rules(rules); !good) return good.error();
  if (Status good = check_values(input); !good) return good.error();
  GateOutcome outcome;
  outcome.metric = rules.metric;
  outcome.margin = rules.margin;
  outcome.confidence = rules.confidence;
  outcome.left_out = input.left_out;
  outcome.logged_by = input.logged_by;
  outcome.looks = input.looks;
  outcome.guardrails = {
      check("latency_ratio", input.latency_ratio, BoundKind::kAtMost, rules.most_latency_ratio),
      check("calibration_error", input.calibration_error, BoundKind::kAtMost, rules.most_calibration_error),
      check("catalog_share", input.catalog_share, BoundKind::kAtLeast, rules.least_catalog_share)};
  estimate(rules, input, outcome);
  explain(rules, outcome);
  outcome.verdict = decide(rules, outcome);
  return outcome;
}

Result<PairedValues> pair_values(std::span<const std::optional<double>> champion,
                                 std::span<const std::optional<double>> challenger,
                                 std::span<const std::int64_t> people) {
  if (champion.size() != challenger.size() || (!people.empty() && people.size() != champion.size())) {
    return Error{ErrorCode::kInvalidArgument,
                 "the champion has " + std::to_string(champion.size()) + " requests, the challenger " +
                     std::to_string(challenger.size()) + ", and people are known for " +
                     std::to_string(people.size()) + "; allowed is the same number of each"};
  }
  PairedValues pairs;
  for (std::size_t i = 0; i < champion.size(); ++i) {
    if (!champion[i] || !challenger[i]) {
      ++pairs.left_out;
      continue;
    }
    pairs.champion.push_back(*champion[i]);
    pairs.challenger.push_back(*challenger[i]);
    if (!people.empty()) pairs.people.push_back(people[i]);
  }
  return pairs;
}

}  // namespace rankloop::ml
