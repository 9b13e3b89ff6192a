// Counts of arms against their shares: chi-squared, and the Bayes factor of a multinomial model.
#include "ml/sample_ratio.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include <boost/math/special_functions/gamma.hpp>

namespace rankloop::ml {
namespace {

// How many people the prior counts for: other shares that it expects differ by about 1 / sqrt(this).
constexpr double kPriorPeople = 1'000;

double log_bayes_factor(std::span<const std::int64_t> counts, std::span<const double> shares, double all) {
  double people = 0;
  double factor = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double share = shares[i] / all;
    const double prior = kPriorPeople * share;
    const auto count = static_cast<double>(counts[i]);
    people += count;
    factor += std::lgamma(prior + count) - std::lgamma(prior) - count * std::log(share);
  }
  return factor + std::lgamma(kPriorPeople) - std::lgamma(kPriorPeople + people);
}

}  // namespace

SampleRatio sample_ratio(std::span<const std::int64_t> counts, std::span<const double> shares) {
  const auto people = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  if (people == 0 || counts.size() < 2) return {};
  const double all = std::accumulate(shares.begin(), shares.end(), 0.0);
  SampleRatio ratio;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = people * shares[i] / all;
    const double difference = static_cast<double>(counts[i]) - expected;
    ratio.chi_squared += difference * difference / expected;
  }
  const double freedom = static_cast<double>(counts.size()) - 1;
  ratio.p = boost::math::gamma_q(freedom / 2, ratio.chi_squared / 2);
  ratio.p_sequential = std::min(1.0, std::exp(-log_bayes_factor(counts, shares, all)));
  return ratio;
}

}  // namespace rankloop::ml
