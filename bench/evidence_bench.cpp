// How often the gate errs and how much it finds, in worlds whose truth is known: one JSON object.
//
//   evidence_bench [runs]     1,000 runs of everything unless said otherwise
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "ml/confidence_sequence.h"
#include "ml/gate.h"
#include "ml/random_numbers.h"
#include "support/gate_world.h"

namespace rankloop::ml {
namespace {

std::string share(int count, int runs) {
  return std::to_string(static_cast<double>(count) / runs);
}

// ---- Lists that models ordered, and lists in random order ----

struct Kind {
  const char* name;
  double challenger_noise;
};

std::string judged_world(double bias, const Kind& kind, gate_world::Way way, int runs) {
  int promoted = 0;
  int worse = 0;
  int unknown = 0;
  for (int run = 0; run < runs; ++run) {
    const gate_world::World world{.bias = bias, .challenger_noise = kind.challenger_noise};
    const GateOutcome outcome = gate_world::Run(world, way, static_cast<std::uint64_t>(run + 1)).judged();
    promoted += outcome.verdict == Verdict::kPromote ? 1 : 0;
    unknown += outcome.verdict == Verdict::kInsufficientEvidence ? 1 : 0;
    worse += outcome.ci_high && *outcome.ci_high < 0 ? 1 : 0;
  }
  const char* const lists = way == gate_world::Way::kRandomOnly         ? "randomised"
                            : way == gate_world::Way::kCommonAndWeighed ? "corrected"
                                                                        : "as they are";
  return "{\"bias\":" + std::to_string(bias) + ",\"challenger\":\"" + kind.name + "\",\"lists\":\"" + lists +
         "\",\"promoted\":" + share(promoted, runs) + ",\"proved_worse\":" + share(worse, runs) +
         ",\"unknown\":" + share(unknown, runs) + "}";
}

std::string worlds(int runs) {
  using gate_world::Way;
  std::string json;
  for (const double bias : {0.0, 0.5, 1.0}) {
    for (const Kind& kind : {Kind{"equal", 1}, Kind{"better", 0.8}, Kind{"worse", 1.25}}) {
      for (const Way way : {Way::kRandomOnly, Way::kCommonAndWeighed, Way::kAsTheyAre}) {
        if (!json.empty()) json += ',';
        json += judged_world(bias, kind, way, runs);
      }
    }
  }
  return "[" + json + "]";
}

// ---- Many looks ----

// Differences of one comparison: independent people, normal with a deviation of 1.
struct Differences {
  std::vector<double> champion, challenger;

  void draw(std::size_t count, double gain, RandomNumbers& random) {
    for (std::size_t i = 0; i < count; ++i) {
      champion.push_back(0);
      challenger.push_back(gain + gate_world::normal(random));
    }
  }
};

bool promoted(const GateRules& rules, const Differences& found, std::size_t look) {
  const auto outcome =
      judge_challenger(rules, {.champion = found.champion, .challenger = found.challenger, .looks = look});
  return outcome && outcome->verdict == Verdict::kPromote;
}

constexpr std::size_t kPeople = 100;
constexpr int kLooks = 50;

GateRules looking_rules(bool spend, bool time_uniform) {
  return {
      .min_requests = kPeople, .spend_over_looks = spend, .time_uniform = time_uniform, .resamples = 1000};
}

// Is any of fifty retrainings with an equal model promoted? Each is judged on people of its own.
bool errs_with_new_models(bool spend, std::uint64_t seed) {
  RandomNumbers random{seed};
  for (std::size_t look = 1; look <= kLooks; ++look) {
    Differences found;
    found.draw(kPeople, 0, random);
    if (promoted(looking_rules(spend, false), found, look)) return true;
  }
  return false;
}

// Is an equal model promoted at any of fifty looks at it, while people are added?
bool errs_with_one_model(bool time_uniform, std::uint64_t seed) {
  RandomNumbers random{seed};
  Differences found;
  for (int look = 0; look < kLooks; ++look) {
    found.draw(kPeople, 0, random);
    if (promoted(looking_rules(false, time_uniform), found, 1)) return true;
  }
  return false;
}

std::string looks(int runs) {
  int fresh_once = 0, fresh_spent = 0, same_once = 0, same_uniform = 0;
  for (int run = 0; run < runs; ++run) {
    const auto seed = static_cast<std::uint64_t>(run + 1);
    fresh_once += errs_with_new_models(false, seed) ? 1 : 0;
    fresh_spent += errs_with_new_models(true, seed) ? 1 : 0;
    same_once += errs_with_one_model(false, seed) ? 1 : 0;
    same_uniform += errs_with_one_model(true, seed) ? 1 : 0;
  }
  return "{\"looks\":" + std::to_string(kLooks) + ",\"new_models_ignored\":" + share(fresh_once, runs) +
         ",\"new_models_spent\":" + share(fresh_spent, runs) +
         ",\"one_model_ignored\":" + share(same_once, runs) +
         ",\"one_model_sequence\":" + share(same_uniform, runs) + "}";
}

// How often a truly better model is promoted: by 0.2 deviations, with so many people.
std::string power(int runs) {
  std::string json;
  for (const std::size_t people : {100U, 200U, 400U}) {
    int fixed = 0, first = 0, tenth = 0, sequence = 0;
    for (int run = 0; run < runs; ++run) {
      RandomNumbers random{static_cast<std::uint64_t>(run + 1)};
      Differences found;
      found.draw(people, 0.2, random);
      fixed += promoted(looking_rules(false, false), found, 1) ? 1 : 0;
      first += promoted(looking_rules(true, false), found, 1) ? 1 : 0;
      tenth += promoted(looking_rules(true, false), found, 10) ? 1 : 0;
      sequence += promoted(looking_rules(false, true), found, 1) ? 1 : 0;
    }
    if (!json.empty()) json += ',';
    json += "{\"people\":" + std::to_string(people) + ",\"fixed\":" + share(fixed, runs) +
            ",\"spent_first_look\":" + share(first, runs) + ",\"spent_tenth_look\":" + share(tenth, runs) +
            ",\"sequence\":" + share(sequence, runs) + "}";
  }
  return "[" + json + "]";
}

// ---- Bounds that hold at all times ----

double skewed(RandomNumbers& random) {  // mean 1, a long tail to the right
  return -std::log(1 - random.uniform(0, 1));
}

double rare(RandomNumbers& random) {  // mean 0.05
  return random.uniform(0, 1) < 0.05 ? 1 : 0;
}

// The share of runs in which all looks at 10,000 observations, from the first that counts, held the mean.
template <class Sequence>
std::string coverage(double (*draw)(RandomNumbers&), double mean, int first_look, int runs, Sequence make) {
  int held = 0;
  for (int run = 0; run < runs; ++run) {
    RandomNumbers random{static_cast<std::uint64_t>(run + 1)};
    auto sequence = make();
    bool holds = true;
    for (int t = 1; t <= 10'000 && holds; ++t) {
      const Interval bounds = sequence(draw(random));
      holds = t < first_look || (bounds.low <= mean && mean <= bounds.high);
    }
    held += holds ? 1 : 0;
  }
  return share(held, runs);
}

std::string sequences(int runs) {
  const auto asymptotic = [] {
    return [seen = RunningMean{}](double value) mutable {
      seen.add(value);
      return asymptotic_sequence(seen, SequenceRules{});
    };
  };
  const auto once = [] {
    return [seen = RunningMean{}](double value) mutable {
      seen.add(value);
      const double radius = 1.96 * std::sqrt(seen.variance() / static_cast<double>(seen.count()));
      return Interval{seen.mean() - radius, seen.mean() + radius};
    };
  };
  const auto bounded = [] {
    return [sequence = BoundedSequence{0, 1}](double value) mutable {
      sequence.add(value);
      return sequence.bounds({});
    };
  };
  return "{\"asymptotic_skewed\":" + coverage(skewed, 1, 100, runs, asymptotic) +
         ",\"asymptotic_rare\":" + coverage(rare, 0.05, 600, runs, asymptotic) +
         ",\"bounded_rare\":" + coverage(rare, 0.05, 1, runs, bounded) +
         ",\"one_look_skewed\":" + coverage(skewed, 1, 100, runs, once) + "}";
}

}  // namespace
}  // namespace rankloop::ml

int main(int count, char** arguments) {
  using namespace rankloop::ml;
  const int runs = count > 1 ? std::atoi(arguments[1]) : 1000;
  if (runs < 1) {
    std::fputs("evidence_bench [runs]: runs is a whole number from 1\n", stderr);
    return 2;
  }
  std::printf("{\"runs\":%d,\"worlds\":%s,\"looks\":%s,\"power\":%s,\"sequences\":%s}\n", runs,
              worlds(runs).c_str(), looks(runs).c_str(), power(runs).c_str(), sequences(runs).c_str());
  return 0;
}
