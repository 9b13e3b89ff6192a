// The verdict, step by step, and the sentences that explain it.
#include "ml/gate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "ml/gate_estimate.h"

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
  if (!(rules.effect >= 0 && std::isfinite(rules.effect)))
    return refuse("effect", rules.effect, "a finite number from 0");
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
  const auto fits = [&](std::size_t length) { return length == 0 || length == requests; };
  const bool others_fit = std::all_of(input.other_weights.begin(), input.other_weights.end(),
                                      [&](const auto& weights) { return weights.size() == requests; });
  if (!fits(input.weights.size()) || !fits(input.randomised.size()) || !others_fit) {
    return Error{ErrorCode::kInvalidArgument, "there are " + counted(requests, "request", "requests") +
                                                  ", but " + std::to_string(input.weights.size()) +
                                                  " weights and " + std::to_string(input.randomised.size()) +
                                                  " marks of a random order"};
  }
  for (std::size_t i = 0; i < requests; ++i) {
    if (!input.weights.empty() && !(std::isfinite(input.weights[i]) && input.weights[i] > 0)) {
      return Error{ErrorCode::kInvalidArgument, "the weight of request " + std::to_string(i + 1) + " is " +
                                                    number(input.weights[i]) +
                                                    "; allowed are finite numbers above 0"};
    }
    if (!std::isfinite(input.champion[i]) || !std::isfinite(input.challenger[i])) {
      return Error{ErrorCode::kInvalidArgument, "a value of request " + std::to_string(i + 1) +
                                                    " is not finite; allowed are finite numbers"};
    }
  }
  return {};
}

// The error that this look may make, on either side together: all looks of a tenure share that of one.
double confidence_of(const GateRules& rules, std::size_t looks) {
  constexpr double kLeastError = 4e-4;  // resampling cannot tell much less in a second
  if (!rules.spend_over_looks) return rules.confidence;
  const auto look = static_cast<double>(std::max<std::size_t>(looks, 1));
  return 1 - std::max((1 - rules.confidence) / (look * (look + 1)), kLeastError);
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
  if (*outcome.ci_high < 0 && outcome.basis == Basis::kUncorrected) {
    return start + "lies below 0, which the places of the items alone can do: it is not proved worse.";
  }
  if (*outcome.ci_high < 0) return start + "lies below 0: it is worse.";
  return start + "does not lie above the margin of " + margin + ": it is not proved better.";
}

// Whoever asks for few requests asks for no more people.
std::size_t needed_people(const GateRules& rules) {
  return std::min(rules.min_people, rules.min_requests);
}

bool enough(const GateRules& rules, const GateOutcome& outcome) {
  return outcome.can_tell && outcome.delta && outcome.n_requests >= rules.min_requests &&
         outcome.n_people >= needed_people(rules);
}

// Do the random orders alone say that it is worse? Fewer than these say too little by themselves.
bool worse_at_random(const GateOutcome& outcome) {
  constexpr std::size_t kTelling = 50;
  return ordered_by_models(outcome.basis) && outcome.n_randomised >= kTelling && *outcome.randomised_high < 0;
}

bool own_top_known(const GateRules& rules, const GateOutcome& outcome) {
  return !ordered_by_models(outcome.basis) ||
         (outcome.own_top_shown && *outcome.own_top_shown >= rules.least_own_top_shown);
}

std::string percent(double share) {
  return number(std::round(100 * share)) + " %";
}

// What the lists cannot tell; empty: they can.
std::string unknown_of(const GateRules& rules, const GateOutcome& outcome) {
  if (!ordered_by_models(outcome.basis) || outcome.n_requests == 0) return {};
  if (above_margin(outcome) && !own_top_known(rules, outcome)) {
    const std::string shown = outcome.own_top_shown ? percent(*outcome.own_top_shown) : "none that is known";
    return "Models ordered these lists, and of what the challenger itself would show on top, " + shown +
           " was ever shown there; at least " + percent(rules.least_own_top_shown) + " are needed, or " +
           std::to_string(rules.min_requests) +
           " test requests in random order (exploration.share): whether it would serve better cannot be "
           "known.";
  }
  if (outcome.basis == Basis::kUncorrected && !above_margin(outcome)) {
    return "Models ordered these lists and none was in random order, so what people pick only because it "
           "stands on top is not known, and speaks for the champion; set exploration.share, such as 0.05.";
  }
  return {};
}

// What would settle it: how many requests, and where only random orders can, how much exploring.
std::string what_settles(const GateOutcome& outcome) {
  const Power& power = *outcome.power;
  std::string text = "With " + counted(outcome.n_requests, "such request", "such requests") +
                     " a difference of " + number(power.detectable) + " is proved in 4 of 5 cases; one of " +
                     number(power.effect) + " (gate.effect) takes " + std::to_string(power.requests);
  const bool at_random = ordered_by_models(outcome.basis) || outcome.basis == Basis::kRandomised;
  if (at_random) text += " in random order";
  if (!power.randomised_share) return text + ".";
  const double share = std::ceil(100 * *power.randomised_share) / 100;
  if (share <= 1) return text + ": about exploration.share = " + number(share) + " of as many requests.";
  return text + ", more than there are requests to judge: " + number(*power.randomised_share) +
         " times as many, or a window as much longer (training.window), all of them exploring.";
}

void explain_basis(const GateRules& rules, GateOutcome& outcome) {
  std::vector<std::string>& reasons = outcome.reasons;
  if (worse_at_random(outcome)) {
    reasons.push_back("On the " + counted(outcome.n_randomised, "request", "requests") +
                      " in random order alone it is worse by " + number(-*outcome.randomised_delta) +
                      "; the interval, " + number(*outcome.randomised_low) + " to " +
                      number(*outcome.randomised_high) + ", lies below 0.");
  }
  if (std::string unknown = unknown_of(rules, outcome); !unknown.empty())
    reasons.push_back(std::move(unknown));
}

void tell_basis(GateOutcome& outcome) {
  if (outcome.n_requests == 0 || outcome.basis == Basis::kGiven) return;
  const double share = static_cast<double>(outcome.n_randomised) / static_cast<double>(outcome.n_requests);
  std::string text = percent(share) + " of the judged requests were in random order";
  if (outcome.own_top_shown) {
    text += "; of the challenger's own best, " + percent(*outcome.own_top_shown) +
            " were shown where models ordered the lists";
  }
  outcome.reasons.push_back(text + ".");
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
  explain_basis(rules, outcome);
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
  if (outcome.power) reasons.push_back(what_settles(outcome));
  tell_basis(outcome);
  if (outcome.left_out > 0) {
    reasons.push_back(counted(outcome.left_out, "request was", "requests were") +
                      " left out: without an outcome, or " + std::string{name_of(outcome.metric)} +
                      " is undefined there.");
  }
  if (outcome.looks > 1) {
    reasons.push_back("This is look " + std::to_string(outcome.looks) +
                      " since the last promotion; with every look chance gets another try" +
                      (rules.spend_over_looks ? ", so every interval is wider than the one before." : "."));
  }
  if (rules.time_uniform && outcome.delta) {
    reasons.push_back("The interval holds at all looks together, however often the two are compared.");
  }
}

Verdict decide(const GateRules& rules, const GateOutcome& outcome) {
  if (!enough(rules, outcome)) return Verdict::kInsufficientEvidence;
  const bool blocked =
      std::any_of(outcome.guardrails.begin(), outcome.guardrails.end(),
                  [](const Guardrail& guardrail) { return guardrail.state == GuardrailState::kFailed; });
  if (blocked || worse_at_random(outcome)) return Verdict::kReject;
  if (!unknown_of(rules, outcome).empty()) return Verdict::kInsufficientEvidence;
  return above_margin(outcome) ? Verdict::kPromote : Verdict::kReject;
}

}  // namespace

Result<GateOutcome> judge_challenger(const GateRules& rules, const GateInput& input) {
  if (Status good = check_rules(rules); !good) return good.error();
  if (Status good = check_values(input); !good) return good.error();
  GateOutcome outcome;
  outcome.metric = rules.metric;
  outcome.margin = rules.margin;
  outcome.confidence = confidence_of(rules, input.looks);
  outcome.left_out = input.left_out;
  outcome.logged_by = input.logged_by;
  outcome.looks = input.looks;
  outcome.basis = input.basis;
  outcome.own_top_shown = input.own_top_shown;
  outcome.can_tell = input.refusals.empty();
  outcome.reasons = input.refusals;
  outcome.guardrails = {
      check("latency_ratio", input.latency_ratio, BoundKind::kAtMost, rules.most_latency_ratio),
      check("calibration_error", input.calibration_error, BoundKind::kAtMost, rules.most_calibration_error),
      check("catalog_share", input.catalog_share, BoundKind::kAtLeast, rules.least_catalog_share)};
  estimate(rules, input, outcome);
  outcome.looked = enough(rules, outcome);
  outcome.verdict = decide(rules, outcome);
  if (outcome.verdict == Verdict::kPromote) outcome.power.reset();
  explain(rules, outcome);
  outcome.reasons.insert(outcome.reasons.end(), input.remarks.begin(), input.remarks.end());
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
    pairs.kept.push_back(i);
    pairs.champion.push_back(*champion[i]);
    pairs.challenger.push_back(*challenger[i]);
    if (!people.empty()) pairs.people.push_back(people[i]);
  }
  return pairs;
}

}  // namespace rankloop::ml
