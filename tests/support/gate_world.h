// A world in which it is known which model is better: people who overlook what stands low, lists that the
// champion ordered or that are in random order, and challengers that are truly equal, better or worse. For
// tests of the gate and the benchmark of its errors.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "ml/evaluate.h"
#include "ml/examination.h"
#include "ml/gate.h"
#include "ml/random_numbers.h"

namespace rankloop::ml::gate_world {

inline constexpr std::size_t kItems = 60;
inline constexpr std::size_t kShown = 10;
inline constexpr std::size_t kRequests = 400;

inline double normal(RandomNumbers& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += random.uniform(0, 1);
  return sum;
}

using Scores = std::vector<double>;

inline std::vector<std::size_t> best(const Scores& scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::partial_sort(order.begin(), order.begin() + kShown, order.end(),
                    [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  order.resize(kShown);
  return order;
}

// The place in the list that is picked, or kShown: position k is looked at with probability k^-bias, and the
// best of what was seen is taken.
inline std::size_t pick(const std::vector<std::size_t>& list, const Scores& utility, double bias,
                        RandomNumbers& random) {
  std::size_t picked = kShown;
  for (std::size_t k = 0; k < kShown; ++k) {
    if (random.uniform(0, 1) >= std::pow(static_cast<double>(k + 1), -bias)) continue;
    if (picked == kShown || utility[list[k]] > utility[list[picked]]) picked = k;
  }
  return picked;
}

// How the gate's input is made of the lists.
enum class Way { kAsTheyAre, kCommonAndWeighed, kRandomOnly };

struct World {
  double bias = 0;  // position k is looked at with probability k^-bias
  double champion_noise = 1;
  double challenger_noise = 1;  // less than the champion's: it is better
  double randomised = 0.2;      // the share of lists in random order
};

// One comparison of both models by the lists of 400 requests.
class Run {
 public:
  Run(const World& world, Way way, std::uint64_t seed) : world_(world), way_(way), random_(seed) {
    // What positions draw is learned from all lists in random order, also older ones.
    for (int list = 0; list < 600; ++list) {
      draw_request();
      add_counts(random_list());
    }
    for (std::size_t r = 0; r < kRequests; ++r) add_request();
  }

  GateOutcome judged() {
    const auto values = [&](const Scores& scores) {
      return *metric_per_request({scores, labels_, {}, requests_}, MetricName::kNdcg10);
    };
    const auto pairs = pair_values(values(champion_), values(challenger_), {});
    GateInput input{.champion = pairs->champion, .challenger = pairs->challenger};
    input.basis = way_ == Way::kRandomOnly ? Basis::kRandomised : Basis::kCorrected;
    input.own_top_shown = 1;
    std::vector<double> weights;
    if (way_ == Way::kCommonAndWeighed) {
      const Attraction draw = estimate_attraction(counts_);
      const auto weighed = [&](const Examination& curve) {
        std::vector<double> all;
        for (const std::size_t i : pairs->kept) all.push_back(1 / curve.at(picked_at_[i]));
        return all;
      };
      weights = weighed(draw.curve);
      input.weights = weights;
      input.other_weights = {weighed(draw.steeper), weighed(draw.flatter)};
    }
    return *judge_challenger({.min_requests = 50, .resamples = 200}, input);
  }

 private:
  void draw_request() {
    utility_.assign(kItems, 0);
    by_champion_.assign(kItems, 0);
    by_challenger_.assign(kItems, 0);
    for (std::size_t i = 0; i < kItems; ++i) {
      utility_[i] = normal(random_);
      by_champion_[i] = utility_[i] + world_.champion_noise * normal(random_);
      by_challenger_[i] = utility_[i] + world_.challenger_noise * normal(random_);
    }
  }
  std::vector<std::size_t> random_list() {
    Scores draws(kItems);
    for (double& draw : draws) draw = random_.uniform(0, 1);
    return best(draws);
  }
  void add_counts(const std::vector<std::size_t>& list) {
    const std::size_t picked = pick(list, utility_, world_.bias, random_);
    for (std::size_t k = 0; k < kShown; ++k)
      counts_.add(static_cast<std::int32_t>(k + 1), 1, k == picked ? 1 : 0);
  }
  void add_request() {
    draw_request();
    const bool randomised = way_ == Way::kRandomOnly ||
                            (way_ == Way::kCommonAndWeighed && random_.uniform(0, 1) < world_.randomised);
    const auto list = randomised ? random_list() : best(by_champion_);
    const std::size_t picked = pick(list, utility_, world_.bias, random_);
    const auto own = best(by_challenger_);
    std::vector<std::size_t> rows;
    for (std::size_t k = 0; k < kShown; ++k) {
      const bool common = std::find(own.begin(), own.end(), list[k]) != own.end();
      if (randomised || way_ == Way::kAsTheyAre || common) rows.push_back(k);
    }
    if (rows.size() < 2) return;
    picked_at_.push_back(static_cast<std::int32_t>(picked) + 1);
    for (const std::size_t k : rows) {
      champion_.push_back(by_champion_[list[k]]);
      challenger_.push_back(by_challenger_[list[k]]);
      labels_.push_back(k == picked ? 1 : 0);
      requests_.push_back(static_cast<std::int64_t>(picked_at_.size()));
    }
  }

  const World world_;
  const Way way_;
  RandomNumbers random_;
  Scores utility_, by_champion_, by_challenger_;  // of the request at hand
  PositionCounts counts_;
  Scores champion_, challenger_, labels_;
  std::vector<std::int64_t> requests_;
  std::vector<std::int32_t> picked_at_;  // [request]
};

}  // namespace rankloop::ml::gate_world
