// Sums swaps by their places and finds the curve that explains who of a pair was picked.
#include "ml/harvest.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <vector>

#include "ml/pool_violators.h"
#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

constexpr double kPriorPicks = 10;  // of each pair of neighbours
constexpr double kLeast = 1e-3;     // of the curve: a position without a pick is not never looked at
constexpr std::size_t kDraws = 200;

// Shows and picks at k of items that could have stood at l, for all k and l.
class PairSums {
 public:
  explicit PairSums(std::size_t positions)
      : positions_(positions), shown_(positions * positions), picks_(positions * positions) {}

  void add(std::size_t k, std::size_t l, double shown, double picks) {
    shown_[k * positions_ + l] += shown;
    picks_[k * positions_ + l] += picks;
  }
  std::size_t positions() const { return positions_; }
  double shown(std::size_t k, std::size_t l) const { return shown_[k * positions_ + l]; }
  double picks(std::size_t k, std::size_t l) const { return picks_[k * positions_ + l]; }

 private:
  std::size_t positions_;
  std::vector<double> shown_;
  std::vector<double> picks_;
};

// The share of a pair's picks that fall on k.
double share_of(double shown_k, double p_k, double shown_l, double p_l) {
  const double all = shown_k * p_k + shown_l * p_l;
  return all > 0 ? shown_k * p_k / all : 0;
}

// eta of position^-eta, normal around 0 with deviation 1 and not negative; Newton's method, the posterior is
// concave.
double fit_power(const PairSums& sums) {
  double eta = 0;
  for (int step = 0; step < 50; ++step) {
    double slope = -eta;
    double curvature = 1;
    for (std::size_t k = 0; k < sums.positions(); ++k) {
      for (std::size_t l = k + 1; l < sums.positions(); ++l) {
        const double picks = sums.picks(k, l) + sums.picks(l, k);
        if (!(picks > 0)) continue;
        const double ratio = std::log(static_cast<double>(l + 1) / static_cast<double>(k + 1));
        const double above = share_of(sums.shown(k, l), 1, sums.shown(l, k), std::exp(-eta * ratio));
        slope += ratio * (sums.picks(k, l) - picks * above);
        curvature += ratio * ratio * picks * above * (1 - above);
      }
    }
    const double next = std::max(0.0, eta + std::clamp(slope / curvature, -1.0, 1.0));
    if (std::abs(next - eta) < 1e-9) break;
    eta = next;
  }
  return eta;
}

// Neighbours held to the power law.
void add_prior(double eta, PairSums& sums) {
  for (std::size_t k = 0; k + 1 < sums.positions(); ++k) {
    const double below =
        std::pow(static_cast<double>(k + 2) / static_cast<double>(k + 1), -eta);  // relative to k
    const double shown = kPriorPicks / (1 + below);
    sums.add(k, k + 1, shown, shown);
    sums.add(k + 1, k, shown, shown * below);
  }
}

// Hunter's iteration: each step raises the likelihood.
std::vector<double> solve(const PairSums& sums, double eta) {
  const std::size_t positions = sums.positions();
  std::vector<double> curve(positions);
  for (std::size_t k = 0; k < positions; ++k) curve[k] = std::pow(static_cast<double>(k + 1), -eta);
  for (int step = 0; step < 500; ++step) {
    double moved = 0;
    for (std::size_t k = 0; k < positions; ++k) {
      double picks = 0;
      double expected = 0;  // of a position that draws 1
      for (std::size_t l = 0; l < positions; ++l) {
        const double all = sums.shown(k, l) * curve[k] + sums.shown(l, k) * curve[l];
        if (!(all > 0)) continue;
        picks += sums.picks(k, l);
        expected += sums.shown(k, l) * (sums.picks(k, l) + sums.picks(l, k)) / all;
      }
      if (!(expected > 0)) continue;
      const double next = std::max(picks / expected, kLeast * curve.front());
      moved = std::max(moved, std::abs(next / curve[k] - 1));
      curve[k] = next;
    }
    if (moved < 1e-6) break;
  }
  return curve;
}

// How much was seen of each position.
std::vector<double> shows_by_position(const PairSums& sums) {
  std::vector<double> shows(sums.positions());
  for (std::size_t k = 0; k < sums.positions(); ++k) {
    for (std::size_t l = 0; l < sums.positions(); ++l) shows[k] += sums.shown(k, l);
  }
  return shows;
}

std::vector<double> fit(PairSums sums) {
  const double eta = fit_power(sums);
  add_prior(eta, sums);
  std::vector<double> curve = pool_violators(solve(sums, eta), shows_by_position(sums));
  const double first = curve.front();
  for (double& value : curve) value = std::max(value / first, kLeast);
  return curve;
}

bool counts(const Swap& swap, std::size_t most) {
  const auto last = static_cast<std::int64_t>(most);
  return swap.position >= 1 && swap.other >= 1 && swap.position != swap.other && swap.position <= last &&
         swap.other <= last;
}

// What is summed of a swap.
struct Counted {
  std::size_t k = 0;  // from 0
  std::size_t l = 0;
  std::uint32_t person = 0;
  double weight = 1;
  bool picked = false;
};

struct Counting {
  std::vector<Counted> swaps;
  std::size_t people = 0;
  std::size_t positions = 0;
};

// Numbers people from 0 and scales the weights to a mean of 1, so that picks stay picks.
Counting counting_of(std::span<const Swap> swaps, std::size_t most) {
  Counting all;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers;
  double weights = 0;
  for (const Swap& swap : swaps) {
    if (!counts(swap, most)) continue;
    const auto number = numbers.try_emplace(swap.person, static_cast<std::uint32_t>(numbers.size()));
    all.swaps.push_back({static_cast<std::size_t>(swap.position - 1),
                         static_cast<std::size_t>(swap.other - 1), number.first->second, 1 / swap.chance,
                         swap.picked});
    all.positions = std::max({all.positions, all.swaps.back().k + 1, all.swaps.back().l + 1});
    weights += 1 / swap.chance;
  }
  for (Counted& swap : all.swaps) swap.weight *= static_cast<double>(all.swaps.size()) / weights;
  all.people = numbers.size();
  return all;
}

// `times`: how often each person counts.
PairSums summed(const Counting& all, std::span<const double> times) {
  PairSums sums(all.positions);
  for (const Counted& swap : all.swaps) {
    const double weight = times[swap.person] * swap.weight;
    sums.add(swap.k, swap.l, weight, swap.picked ? weight : 0);
  }
  return sums;
}

// The curves of as many people, drawn with replacement: [position][draw].
std::vector<std::vector<double>> drawn_curves(const Counting& all, std::uint64_t seed) {
  RandomNumbers random{seed};
  std::vector<std::vector<double>> drawn(all.positions);
  std::vector<double> times(all.people);
  for (std::size_t draw = 0; draw < kDraws; ++draw) {
    std::fill(times.begin(), times.end(), 0.0);
    for (std::size_t i = 0; i < all.people; ++i)
      times[random.below(static_cast<std::uint32_t>(all.people))] += 1;
    const std::vector<double> curve = fit(summed(all, times));
    for (std::size_t k = 0; k < all.positions; ++k) drawn[k].push_back(curve[k]);
  }
  return drawn;
}

void count_evidence(std::span<const Swap> swaps, std::size_t most, Harvest& harvest) {
  std::int64_t last = 0;
  for (const Swap& swap : swaps) {
    if (!counts(swap, most)) continue;
    harvest.requests += harvest.requests == 0 || swap.request != last ? 1 : 0;
    harvest.picks += swap.picked ? 1 : 0;
    last = swap.request;
  }
}

}  // namespace

std::optional<Harvest> harvest_attraction(std::span<const Swap> swaps, std::size_t most, std::uint64_t seed) {
  Harvest harvest;
  count_evidence(swaps, most, harvest);
  if (harvest.picks < kFewestSwappedPicks) return std::nullopt;
  const Counting all = counting_of(swaps, most);
  Attraction& found = harvest.attraction;
  found.curve.at_position = fit(summed(all, std::vector<double>(all.people, 1.0)));
  for (std::vector<double>& values : drawn_curves(all, seed)) {
    std::sort(values.begin(), values.end());
    const double here = found.curve.at_position[found.steeper.at_position.size()];
    found.steeper.at_position.push_back(std::min(values[kDraws / 40], here));
    found.flatter.at_position.push_back(std::max(values[kDraws - 1 - kDraws / 40], here));
  }
  return harvest;
}

}  // namespace rankloop::ml
