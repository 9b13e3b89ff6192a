// Sizes by the normal approximation, and Holm's correction.
#include "ml/sample_size.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>

#include <boost/math/distributions/normal.hpp>

namespace rankloop::ml {
namespace {

constexpr double kMostPeople = 1e12;

double normal_quantile(double probability) {
  return boost::math::quantile(boost::math::normal(), probability);
}

Result<std::int64_t> counted(double people) {
  if (people <= kMostPeople) return static_cast<std::int64_t>(std::ceil(people));
  return Error{ErrorCode::kInvalidArgument, "Such a small effect would take more than 10^12 people to see"};
}

}  // namespace

Result<std::int64_t> size_for_rates(double baseline, double effect, const Precision& precision) {
  const double other = baseline + effect;
  if (!(baseline > 0 && baseline < 1 && other > 0 && other < 1) || effect == 0) {
    return Error{ErrorCode::kInvalidArgument,
                 "A rate and the rate with the effect have to differ and to be between 0 and 1; they are " +
                     std::to_string(baseline) + " and " + std::to_string(other)};
  }
  const double pooled = (baseline + other) / 2;
  const double root =
      normal_quantile(1 - precision.alpha / 2) * std::sqrt(2 * pooled * (1 - pooled)) +
      normal_quantile(precision.power) * std::sqrt(baseline * (1 - baseline) + other * (1 - other));
  return counted(root * root / (effect * effect));
}

Result<std::int64_t> size_for_means(double deviation, double effect, const Precision& precision) {
  if (!(deviation > 0) || effect == 0) {
    return Error{ErrorCode::kInvalidArgument, "The deviation has to be above 0, and the effect not 0"};
  }
  const double z = normal_quantile(1 - precision.alpha / 2) + normal_quantile(precision.power);
  return counted(2 * z * z * deviation * deviation / (effect * effect));
}

std::int64_t size_of_all(std::int64_t each, std::span<const double> shares) {
  const double all = std::accumulate(shares.begin(), shares.end(), 0.0);
  const double least = *std::min_element(shares.begin() + 1, shares.end());
  const double people = static_cast<double>(each) / 2 * all * (1 / shares.front() + 1 / least);
  return static_cast<std::int64_t>(std::ceil(std::min(people, kMostPeople)));
}

std::vector<double> holm_adjusted(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
  std::vector<double> adjusted(p.size());
  double most = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    most = std::max(most, std::min(1.0, static_cast<double>(p.size() - rank) * p[order[rank]]));
    adjusted[order[rank]] = most;
  }
  return adjusted;
}

}  // namespace rankloop::ml
