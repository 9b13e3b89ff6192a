// Seeded random numbers that are the same on every machine and with every standard library (the standard's
// distributions are not). Not thread-safe: each user has its own.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "ml/random_numbers.h"

namespace rankloop::simulate {

class Random {
 public:
  explicit Random(std::uint64_t seed) : numbers_(seed) {}

  // An independent stream for each number: guest 7 of seed 42 draws the same whoever came before.
  static Random stream(std::uint64_t seed, std::uint64_t number) {
    return Random{ml::mix_bits(ml::mix_bits(seed) ^ number)};
  }

  double uniform() { return numbers_.uniform(0, 1); }  // [0, 1)
  double uniform(double low, double high) { return numbers_.uniform(low, high); }
  bool chance(double probability) { return uniform() < probability; }

  // 0..count-1; count is at least 1 and far below 2^53.
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(uniform() * static_cast<double>(count));
  }
  // low..high-1, or low where both are equal.
  int integer(int low, int high) {
    return high <= low ? low : low + static_cast<int>(below(static_cast<std::size_t>(high - low)));
  }
  // An index in proportion to the weights, whose sum must be above 0.
  std::size_t weighted(std::span<const double> weights) {
    double total = 0;
    for (const double weight : weights) total += weight;
    double rest = uniform() * total;
    std::size_t last = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] <= 0) continue;
      last = i;
      rest -= weights[i];
      if (rest < 0) break;
    }
    return last;  // rounding may leave a rest at the end: the last index with a weight takes it
  }
  // Beta(2, 5): the second smallest of six uniform numbers.
  double beta_2_5() {
    std::array<double, 6> draws{};
    for (double& draw : draws) draw = uniform();
    std::nth_element(draws.begin(), draws.begin() + 1, draws.end());
    return draws[1];
  }

 private:
  ml::RandomNumbers numbers_;
};

}  // namespace rankloop::simulate
