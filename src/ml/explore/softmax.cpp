// Plackett and Luce's model of orders: an item stands next as likely as exp(log-odds / temperature) says
// (Luce, Individual Choice Behavior, 1959; Plackett, "The analysis of permutations", 1975).
//
// The log-odds are those of calibrated scores. So a temperature means the same of every family, however it
// stretches its raw scores, and a list is stirred where the model hardly tells its items apart. Standardised
// within a list, scores would be stirred as much where the best item is far ahead.
#include <algorithm>
#include <cmath>

#include "ml/explore/exploration.h"

namespace rankloop::ml {

void softmax_chances(const Position& position, const Exploration& terms, std::span<double> chances) {
  constexpr double kColdest = 1e-6;  // the model's own order, equal scores aside
  const double temperature = std::max(terms.temperature, kColdest);
  double most = position.slate.log_odds[position.left.front()];
  for (const std::uint32_t place : position.left) most = std::max(most, position.slate.log_odds[place]);
  double sum = 0;
  for (std::size_t i = 0; i < chances.size(); ++i) {
    chances[i] = std::exp((position.slate.log_odds[position.left[i]] - most) / temperature);
    sum += chances[i];
  }
  for (double& chance : chances) chance /= sum;
}

}  // namespace rankloop::ml
