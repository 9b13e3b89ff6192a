// Running sums over people, and the effects that follow from them.
#include "ml/arm_outcomes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <boost/math/distributions/normal.hpp>

namespace rankloop::ml {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kRounding = 1e-20;  // of squares: what is alike for all differs by no more

// A sum of squares about a mean that was estimated from as many.
double unbiased(double sum, double people) {
  return std::max(0.0, sum) * people / (people - 1);
}

bool has_band(const Effect& effect) {
  return effect.variance > 0 && std::min(effect.control.people, effect.arm.people) >= kLeastPeople;
}

}  // namespace

ArmOutcomes::ArmOutcomes(std::size_t arms, std::vector<double> earlier)
    : arms_(arms), earlier_(std::move(earlier)), sums_(arms), shared_(arms) {
  if (!earlier_.empty()) {
    earlier_mean_ =
        std::accumulate(earlier_.begin(), earlier_.end(), 0.0) / static_cast<double>(earlier_.size());
  }
}

// About the mean, so that sums of squares keep their figures.
double ArmOutcomes::earlier_of(std::uint32_t person) const {
  return person < earlier_.size() ? earlier_[person] - earlier_mean_ : 0;
}

void ArmOutcomes::count(std::size_t arm, const Cell& cell, double earlier, double sign) {
  if (cell.requests == 0) return;
  Sums& sums = sums_[arm];
  sums.people += sign;
  sums.n += sign * cell.requests;
  sums.y += sign * cell.outcomes;
  sums.nn += sign * cell.requests * cell.requests;
  sums.ny += sign * cell.requests * cell.outcomes;
  sums.yy += sign * cell.outcomes * cell.outcomes;
  sums.x += sign * earlier;
  sums.xx += sign * earlier * earlier;
  sums.xn += sign * earlier * cell.requests;
  sums.xy += sign * earlier * cell.outcomes;
}

void ArmOutcomes::count_shared(std::size_t arm, const Cell& control, const Cell& cell, double sign) {
  if (control.requests == 0 || cell.requests == 0) return;
  Shared& shared = shared_[arm];
  shared.people += sign;
  shared.nn += sign * control.requests * cell.requests;
  shared.ny += sign * control.requests * cell.outcomes;
  shared.yn += sign * control.outcomes * cell.requests;
  shared.yy += sign * control.outcomes * cell.outcomes;
}

void ArmOutcomes::add(const ArmRequestOutcome& request) {
  const std::size_t first = request.person * arms_;
  if (cells_.size() < first + arms_) cells_.resize(first + arms_);
  const Cell control = cells_[first];
  Cell& cell = cells_[first + request.arm];
  const double earlier = earlier_of(request.person);
  count(request.arm, cell, earlier, -1);
  for (std::size_t arm = 1; arm < arms_; ++arm) {
    if (request.arm == 0 || request.arm == arm) count_shared(arm, control, cells_[first + arm], -1);
  }
  cell.requests += 1;
  cell.outcomes += request.outcome;
  count(request.arm, cell, earlier, 1);
  for (std::size_t arm = 1; arm < arms_; ++arm) {
    if (request.arm == 0 || request.arm == arm) count_shared(arm, cells_[first], cells_[first + arm], 1);
  }
}

ArmMean ArmOutcomes::mean(std::size_t arm) const {
  const Sums& sums = sums_[arm];
  ArmMean mean{static_cast<std::int64_t>(sums.n), static_cast<std::int64_t>(sums.people), 0, 0};
  if (sums.n == 0) return mean;
  mean.mean = sums.y / sums.n;
  if (sums.people < 2) return mean;
  const double squares = sums.yy - 2 * mean.mean * sums.ny + mean.mean * mean.mean * sums.nn;
  mean.variance = unbiased(squares, sums.people) / (sums.n * sums.n);
  return mean;
}

// Of the two means, by the people who have requests in both.
double ArmOutcomes::covariance(std::size_t arm) const {
  const Shared& shared = shared_[arm];
  if (shared.people == 0) return 0;
  const double of_control = sums_[0].y / sums_[0].n;
  const double of_arm = sums_[arm].y / sums_[arm].n;
  const double products =
      shared.yy - of_control * shared.ny - of_arm * shared.yn + of_control * of_arm * shared.nn;
  return products / (sums_[0].n * sums_[arm].n);
}

std::optional<Effect> ArmOutcomes::effect(std::size_t arm) const {
  Effect effect{.control = mean(0), .arm = mean(arm)};
  if (effect.control.people < 2 || effect.arm.people < 2) return std::nullopt;
  const double both = covariance(arm);
  const double control = effect.control.mean;
  effect.people = effect.control.people + effect.arm.people - static_cast<std::int64_t>(shared_[arm].people);
  effect.difference = effect.arm.mean - control;
  effect.variance = std::max(0.0, effect.control.variance + effect.arm.variance - 2 * both);
  const double ratio = control == 0 ? kNan : effect.arm.mean / control;
  effect.lift = ratio - 1;
  effect.lift_variance =
      control == 0
          ? kNan
          : std::max(0.0, effect.arm.variance + ratio * ratio * effect.control.variance - 2 * ratio * both) /
                (control * control);
  return effect;
}

std::optional<Effect> ArmOutcomes::adjusted_effect(std::size_t arm) const {
  std::optional<Effect> effect = this->effect(arm);
  if (!effect || earlier_.empty()) return std::nullopt;
  double products = 0;  // covariance of the outcomes' means and the earlier ones', over both arms
  double squares = 0;   // variance of the earlier ones' means
  double difference = 0;
  for (const std::size_t each : {std::size_t{0}, arm}) {
    const Sums& sums = sums_[each];
    const double mean = sums.y / sums.n;
    const double earlier = sums.x / sums.people;
    products += unbiased(1, sums.people) * (sums.xy - mean * sums.xn) / (sums.n * sums.people);
    squares += unbiased(sums.xx - earlier * sums.x, sums.people) / (sums.people * sums.people);
    difference += each == arm ? earlier : -earlier;
  }
  if (squares <= kRounding * earlier_mean_ * earlier_mean_) return std::nullopt;
  const double theta = products / squares;
  effect->difference -= theta * difference;
  effect->variance = std::max(0.0, effect->variance - theta * products);
  const double control = effect->control.mean;
  effect->lift = control == 0 ? kNan : effect->difference / control;
  effect->lift_variance = control == 0 ? kNan : effect->variance / (control * control);
  return effect;
}

Interval interval_of(double mean, double variance, double confidence) {
  const double z = boost::math::quantile(boost::math::normal(), 0.5 + confidence / 2);
  const double width = z * std::sqrt(variance);
  return {mean - width, mean + width};
}

std::optional<Interval> band_of(const Effect& effect, const SequenceRules& rules) {
  if (!has_band(effect)) return std::nullopt;
  const auto people = static_cast<double>(effect.people);
  const double radius = std::sqrt(effect.variance * people) * sequence_radius(people, rules);
  return Interval{effect.difference - radius, effect.difference + radius};
}

double always_valid_p(const Effect& effect, const SequenceRules& rules) {
  if (!has_band(effect)) return 1;
  const double errors = effect.difference / std::sqrt(effect.variance);
  return sequence_p(static_cast<double>(effect.people), errors, rules);
}

}  // namespace rankloop::ml
