// Means, intervals and what they can find.
#include "ml/gate_estimate.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "ml/bootstrap.h"
#include "ml/confidence_sequence.h"

namespace rankloop::ml {
namespace {

// So many that five of them lie beyond either end.
std::size_t resamples_for(const GateRules& rules, double confidence) {
  return std::max(rules.resamples, static_cast<std::size_t>(std::ceil(10 / (1 - confidence) - 1e-6)));
}

// The values of some requests with everything that belongs to them.
struct Sample {
  std::vector<double> champion, challenger, weights;
  std::vector<std::int64_t> people;

  void add(const GateInput& input, std::size_t i) {
    champion.push_back(input.champion[i]);
    challenger.push_back(input.challenger[i]);
    weights.push_back(input.weights.empty() ? 1 : input.weights[i]);
    if (!input.people.empty()) people.push_back(input.people[i]);
  }
};

struct Estimate {
  double delta = 0, champion = 0, challenger = 0;
  double error = 0;  // standard, of the delta
  Interval interval;
  std::size_t people = 0;
};

Interval interval_of(const GateRules& rules, double confidence, std::span<const PersonSum> people) {
  // Where nothing differs there is no error to go by; the bootstrap then says the mean alone.
  if (!rules.time_uniform || !(mean_of_people(people).error > 0))
    return bootstrap_mean(people, resamples_for(rules, confidence), confidence, rules.seed);
  const auto tightest = static_cast<double>(std::max<std::size_t>(rules.min_requests, 1));
  return asymptotic_sequence(people, {.confidence = confidence, .tightest_at = tightest});
}

Estimate estimate_of(const GateRules& rules, double confidence, const Sample& sample) {
  const double direction = greater_is_better(rules.metric) ? 1 : -1;
  std::vector<double> differences(sample.champion.size());
  for (std::size_t i = 0; i < differences.size(); ++i)
    differences[i] = direction * (sample.challenger[i] - sample.champion[i]);
  const auto summed = [&](std::span<const double> values) {
    return sum_by_person(values, sample.weights, sample.people, rules.person_limit);
  };
  const std::vector<PersonSum> people = summed(differences);
  const auto [delta, error] = mean_of_people(people);
  return {.delta = delta,
          .champion = mean_of_people(summed(sample.champion)).mean,
          .challenger = mean_of_people(summed(sample.challenger)).mean,
          .error = error,
          .interval = interval_of(rules, confidence, people),
          .people = people.size()};
}

// Of the random orders alone; of nothing where there are none.
std::optional<Estimate> estimate_randomised(const GateRules& rules, const GateInput& input,
                                            GateOutcome& outcome) {
  Sample sample;
  for (std::size_t i = 0; i < input.randomised.size(); ++i) {
    if (input.randomised[i] != 0) sample.add(input, i);
  }
  outcome.n_randomised = sample.champion.size();
  if (outcome.n_randomised == 0) return std::nullopt;
  const Estimate found = estimate_of(rules, outcome.confidence, sample);
  outcome.randomised_delta = found.delta;
  outcome.randomised_low = found.interval.low;
  outcome.randomised_high = found.interval.high;
  return found;
}

// Told where neither model is proved better. Lists that models ordered do not settle it, however many there
// are: then random orders are counted, and they vary as those do that there are, or else as all lists do.
std::optional<Power> power_left(const GateRules& rules, const GateInput& input, const Estimate& all,
                                const std::optional<Estimate>& randomised, const GateOutcome& outcome) {
  constexpr std::size_t kTelling = 20;  // requests whose spread is known well enough to plan by
  const PowerQuestion question{.confidence = outcome.confidence,
                               .margin = rules.margin,
                               .effect = rules.effect,
                               .least = rules.min_requests};
  if (*outcome.ci_low > rules.margin && !ordered_by_models(outcome.basis)) return std::nullopt;
  if (*outcome.ci_high < 0 && outcome.basis != Basis::kUncorrected) return std::nullopt;
  if (!(all.error > 0 && rules.effect > 0)) return std::nullopt;
  Power power = power_of(question, all.error, outcome.n_requests);
  if (!ordered_by_models(outcome.basis)) {
    if (outcome.basis != Basis::kRandomised) return power;
  } else if (randomised && outcome.n_randomised >= kTelling && randomised->error > 0) {
    power.requests = power_of(question, randomised->error, outcome.n_randomised).requests;
  }
  if (input.test_requests > 0)
    power.randomised_share = static_cast<double>(power.requests) / static_cast<double>(input.test_requests);
  return power;
}

}  // namespace

void estimate(const GateRules& rules, const GateInput& input, GateOutcome& outcome) {
  outcome.n_requests = input.champion.size();
  if (outcome.n_requests == 0) return;
  Sample sample;
  for (std::size_t i = 0; i < outcome.n_requests; ++i) sample.add(input, i);
  const Estimate found = estimate_of(rules, outcome.confidence, sample);
  outcome.n_people = found.people;
  outcome.champion = found.champion;
  outcome.challenger = found.challenger;
  outcome.delta = found.delta;
  outcome.ci_low = found.interval.low;
  outcome.ci_high = found.interval.high;
  for (const std::vector<double>& weights : input.other_weights) {
    sample.weights = weights;
    const Interval other = estimate_of(rules, outcome.confidence, sample).interval;
    outcome.ci_low = std::min(*outcome.ci_low, other.low);
    outcome.ci_high = std::max(*outcome.ci_high, other.high);
  }
  const auto randomised = estimate_randomised(rules, input, outcome);
  outcome.power = power_left(rules, input, found, randomised, outcome);
}

}  // namespace rankloop::ml
