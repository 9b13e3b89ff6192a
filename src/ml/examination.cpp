#include "ml/examination.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace rankloop::ml {
namespace {

constexpr double kPriorPicks = 10;  // at the first position
constexpr double kLeast = 1e-3;     // of an examination: a position without a pick is not never examined

struct Position {
  double shown = 0;
  double picks = 0;
};

std::vector<Position> count_positions(const LabelledRows& rows, std::span<const std::uint8_t> randomised) {
  std::vector<Position> positions;
  if (rows.shown.size() != rows.rows()) return positions;
  for (std::size_t r = 0; r < std::min(rows.rows(), randomised.size()); ++r) {
    const std::int32_t position = rows.shown[r].position;
    if (randomised[r] == 0 || position < 1) continue;
    const auto index = static_cast<std::size_t>(position - 1);
    if (index >= positions.size()) positions.resize(index + 1);
    const auto weight = static_cast<double>(rows.weight(r));
    positions[index].shown += weight;
    positions[index].picks += weight * static_cast<double>(rows.labels[r]);
  }
  return positions;
}

// Newton's method; the posterior is concave in eta.
double fit_power(std::span<const Position> positions) {
  double picks = 0;
  double mean_log = 0;  // of the picks' positions
  for (std::size_t i = 0; i < positions.size(); ++i) {
    picks += positions[i].picks;
    mean_log += positions[i].picks * std::log(static_cast<double>(i + 1));
  }
  if (!(picks > 0)) return 0;
  mean_log /= picks;
  double eta = 0;
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
    const double next = std::max(0.0, eta + std::clamp(move, -1.0, 1.0));
    if (std::abs(next - eta) < 1e-9) break;
    eta = next;
  }
  return eta;
}

// The non-increasing sequence with the least weighted squared distance from the rates.
std::vector<double> pool_violators(std::span<const double> rates, std::span<const double> weights) {
  struct Pool {
    double rate = 0;
    double weight = 0;
    std::size_t count = 0;
  };
  std::vector<Pool> pools;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    pools.push_back({rates[i], weights[i], 1});
    while (pools.size() > 1 && pools.back().rate > pools[pools.size() - 2].rate) {
      const Pool last = pools.back();
      pools.pop_back();
      Pool& into = pools.back();
      into.rate = (into.rate * into.weight + last.rate * last.weight) / (into.weight + last.weight);
      into.weight += last.weight;
      into.count += last.count;
    }
  }
  std::vector<double> pooled;
  for (const Pool& pool : pools) pooled.insert(pooled.end(), pool.count, pool.rate);
  return pooled;
}

}  // namespace

double Examination::at(std::int32_t position) const {
  if (at_position.empty() || position < 1) return 1;
  return at_position[std::min(static_cast<std::size_t>(position - 1), at_position.size() - 1)];
}

Examination estimate_examination(const LabelledRows& rows, std::span<const std::uint8_t> randomised) {
  const std::vector<Position> positions = count_positions(rows, randomised);
  const double eta = fit_power(positions);
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
  Examination examination{pool_violators(rates, weights)};
  const double first = examination.at_position.front();
  for (double& e : examination.at_position) e = std::max(e / first, kLeast);
  return examination;
}

void weigh_by_examination(LabelledRows& rows, const Examination& examination, double cap) {
  if (examination.at_position.empty() || rows.shown.size() != rows.rows()) return;
  if (rows.weights.empty()) rows.weights.assign(rows.rows(), 1.0F);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const auto label = static_cast<double>(rows.labels[r]);
    const double picks = label * std::min(1 / examination.at(rows.shown[r].position), cap);
    const double all = picks + (1 - label);
    rows.labels[r] = static_cast<float>(picks / all);
    rows.weights[r] *= static_cast<float>(all);
  }
}

}  // namespace rankloop::ml
