// Estimates from random orders how often each position is looked at.
#include "ml/examination.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "ml/pool_violators.h"
#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

constexpr double kPriorPicks = 10;  // at the first position
constexpr double kLeast = 1e-3;     // of an examination: a position without a pick is not never examined

using Position = PositionCounts::Position;

struct PowerLaw {
  double eta = 0;
  double deviation = 1;  // of its posterior
};

// Newton's method; the posterior is concave in eta.
PowerLaw fit_power(std::span<const Position> positions) {
  double picks = 0;
  double mean_log = 0;  // of the picks' positions
  for (std::size_t i = 0; i < positions.size(); ++i) {
    picks += positions[i].picks;
    mean_log += positions[i].picks * std::log(static_cast<double>(i + 1));
  }
  if (!(picks > 0)) return {};
  mean_log /= picks;
  double eta = 0;
  double deviation = 1;
  for (int step = 0; step < 50; ++step) {
    double mass = 0, first = 0, second = 0;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const double log_position = std::log(static_cast<double>(i + 1));
      const double share = positions[i].shown * std::exp(-eta * log_position);
      mass += share;
      first += share * log_position;
      second += share * log_position * log_position;
    }
    const double expected = first / mass;
    const double variance = second / mass - expected * expected;
    const double move = (picks * (expected - mean_log) - eta) / (picks * variance + 1);
    deviation = 1 / std::sqrt(picks * variance + 1);
    const double next = std::max(0.0, eta + std::clamp(move, -1.0, 1.0));
    if (std::abs(next - eta) < 1e-9) break;
    eta = next;
  }
  return {eta, deviation};
}

// The pick rates smoothed by the power law, relative to the first position.
Examination smoothed(std::span<const Position> positions, double eta) {
  double picks = 0;
  double mass = 0;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    picks += positions[i].picks;
    mass += positions[i].shown * std::pow(static_cast<double>(i + 1), -eta);
  }
  if (!(picks > 0)) return {std::vector<double>(positions.size(), 1.0)};

  const double top_rate = picks / mass;  // of the first position, by the power law
  std::vector<double> rates;
  std::vector<double> weights;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const double prior = kPriorPicks * std::pow(static_cast<double>(i + 1), -eta);
    weights.push_back(positions[i].shown + kPriorPicks / top_rate);
    rates.push_back((positions[i].picks + prior) / weights.back());
  }
  Examination curve{pool_violators(rates, weights)};
  const double first = curve.at_position.front();
  for (double& value : curve.at_position) value = std::max(value / first, kLeast);
  return curve;
}

Examination tilted(Examination curve, double by) {
  double before = 1;
  for (std::size_t i = 0; i < curve.at_position.size(); ++i) {
    double& value = curve.at_position[i];
    before = value = std::clamp(value * std::pow(static_cast<double>(i + 1), by), kLeast, before);
  }
  return curve;
}

// E[1 / (1 + S)] for the sum of all trials but one.
double expected_share(std::span<const double> chances, std::size_t without) {
  std::vector<double> of_sum{1.0};
  for (std::size_t j = 0; j < chances.size(); ++j) {
    if (j == without) continue;
    of_sum.push_back(0);
    for (std::size_t s = of_sum.size() - 1; s > 0; --s)
      of_sum[s] = of_sum[s] * (1 - chances[j]) + of_sum[s - 1] * chances[j];
    of_sum[0] *= 1 - chances[j];
  }
  double share = 0;
  for (std::size_t s = 0; s < of_sum.size(); ++s) share += of_sum[s] / static_cast<double>(s + 1);
  return share;
}

// The chances that explain the pick rates, relative to the first. `presence`: how often the position was
// there at all, of the lists.
std::vector<double> solve_examination(std::span<const double> rates, std::span<const double> presence) {
  std::vector<double> chances(rates.begin(), rates.end());
  std::vector<double> there(rates.size());
  for (int step = 0; step < 200; ++step) {
    double moved = 0;
    for (std::size_t k = 0; k < rates.size(); ++k) {
      for (std::size_t j = 0; j < rates.size(); ++j)
        there[j] = chances[j] * std::min(1.0, presence[j] / std::max(presence[k], 1e-9));
      const double next = std::min(1.0, rates[k] / expected_share(there, k));
      moved = std::max(moved, std::abs(next - chances[k]));
      chances[k] = next;
    }
    if (moved < 1e-6) break;
  }
  const double first = chances.front();
  for (double& chance : chances) chance = first > 0 ? chance / first : 1;
  return chances;
}

// About normal with this mean and variance, by the sum of twelve uniform numbers; not below 0.
double drawn_count(RandomNumbers& random, double mean, double variance) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += random.uniform(0, 1);
  return std::max(0.0, mean + std::sqrt(variance) * sum);
}

// How certain each value is, from counts drawn anew.
void add_intervals(std::span<const Position> positions, std::span<const double> presence,
                   std::vector<ExaminedPosition>& examined, std::uint64_t seed) {
  constexpr std::size_t kDraws = 200;
  std::vector<std::vector<double>> drawn(positions.size());
  RandomNumbers random{seed};
  std::vector<double> rates(positions.size());
  for (std::size_t draw = 0; draw < kDraws; ++draw) {
    for (std::size_t k = 0; k < positions.size(); ++k) {
      const double shown = std::max(positions[k].shown, 1.0);
      const double rate = std::min(1.0, (positions[k].picks + 0.5) / (shown + 1));
      rates[k] = std::min(1.0, drawn_count(random, rate * shown, rate * (1 - rate) * shown) / shown);
    }
    const std::vector<double> found = solve_examination(rates, presence);
    for (std::size_t k = 0; k < found.size(); ++k) drawn[k].push_back(found[k]);
  }
  for (std::size_t k = 1; k < examined.size(); ++k) {
    std::sort(drawn[k].begin(), drawn[k].end());
    examined[k].low = std::min(drawn[k][kDraws / 40], examined[k].examination);
    examined[k].high = std::max(drawn[k][kDraws - 1 - kDraws / 40], examined[k].examination);
  }
}

}  // namespace

void PositionCounts::add(std::int32_t position, double shown, double picks) {
  if (position < 1) return;
  const auto index = static_cast<std::size_t>(position - 1);
  if (index >= positions_.size()) positions_.resize(index + 1);
  positions_[index].shown += shown;
  positions_[index].picks += picks;
}

void PositionCounts::add(const LabelledRows& rows, std::span<const std::uint8_t> randomised) {
  if (rows.shown.size() != rows.rows()) return;
  for (std::size_t r = 0; r < std::min(rows.rows(), randomised.size()); ++r) {
    if (randomised[r] == 0) continue;
    const auto weight = static_cast<double>(rows.weight(r));
    // A pick is a pick, whatever it was worth.
    add(rows.shown[r].position, weight, weight * std::min(1.0, static_cast<double>(rows.labels[r])));
  }
}

double PositionCounts::picks() const {
  double sum = 0;
  for (const Position& position : positions_) sum += position.picks;
  return sum;
}

double Examination::at(std::int32_t position) const {
  if (at_position.empty() || position < 1) return 1;
  return at_position[std::min(static_cast<std::size_t>(position - 1), at_position.size() - 1)];
}

Attraction estimate_attraction(const PositionCounts& counts) {
  constexpr double kBothSides = 1.96;
  const PowerLaw power = fit_power(counts.positions());
  const Examination curve = smoothed(counts.positions(), power.eta);
  const double by = kBothSides * power.deviation;
  return {curve, tilted(curve, -by), tilted(curve, by)};
}

std::vector<ExaminedPosition> estimate_examination(const PositionCounts& counts, std::size_t most,
                                                   std::uint64_t seed) {
  const auto positions = counts.positions().first(std::min(most, counts.positions().size()));
  double picks = 0;
  double lists = 0;
  for (const Position& position : positions) {
    picks += position.picks;
    lists = std::max(lists, position.shown);
  }
  if (!(picks > 0) || !(positions.front().picks > 0)) return {};
  std::vector<double> rates, presence, weights;
  for (const Position& position : positions) {
    const double shown = std::max(position.shown, 1.0);
    rates.push_back(std::min(1.0, position.picks / shown));
    presence.push_back(position.shown / lists);
    weights.push_back(shown);
  }
  const std::vector<double> even = pool_violators(solve_examination(rates, presence), weights);
  std::vector<ExaminedPosition> examined;
  for (const double value : even) {
    const double relative = std::min(1.0, value / even.front());
    examined.push_back({relative, relative, relative});
  }
  add_intervals(positions, presence, examined, seed);
  return examined;
}

void weigh_by_attraction(LabelledRows& rows, const Examination& curve, double cap) {
  if (curve.at_position.empty() || rows.shown.size() != rows.rows()) return;
  if (rows.weights.empty()) rows.weights.assign(rows.rows(), 1.0F);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const auto label = static_cast<double>(rows.labels[r]);
    const double pick = std::min(1 / curve.at(rows.shown[r].position), cap);
    if (label > 1) {  // nothing of it is "not pleased"
      rows.weights[r] *= static_cast<float>(pick);
      continue;
    }
    const double picks = label * pick;
    const double all = picks + (1 - label);
    rows.labels[r] = static_cast<float>(picks / all);
    rows.weights[r] *= static_cast<float>(all);
  }
}

}  // namespace rankloop::ml
