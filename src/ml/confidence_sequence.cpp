// The normal mixture and the stitched boundary.
#include "ml/confidence_sequence.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rankloop::ml {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

// How wide the mixture is, so that its boundary is tightest at the wanted count (the paper's section 3.4).
double mixture_of(const SequenceRules& rules) {
  const double log_error = -2 * std::log(1 - rules.confidence);
  return std::sqrt((log_error + std::log(log_error + 1)) / rules.tightest_at);
}

// A sub-gamma boundary on a sum with the accumulated variance `variance`: it is crossed, ever, with a
// probability of at most `error`. Epochs grow by 2, later ones get less of the error, like 1 / k^1.4.
double stitched_boundary(double variance, double scale, double error, double first_epoch) {
  constexpr double kGrowth = 2;
  constexpr double kPower = 1.4;
  constexpr double kZeta = 3.105547277977552;  // Riemann's at 1.4
  static const double k1 = (std::pow(kGrowth, 0.25) + std::pow(kGrowth, -0.25)) / std::sqrt(2.0);
  static const double k2 = (std::sqrt(kGrowth) + 1) / 2;
  const double v = std::max(variance, first_epoch);
  const double epochs = std::log(v / first_epoch) / std::log(kGrowth);
  const double log_share = kPower * std::log(epochs + 1) + std::log(kZeta) + std::log(1 / error);
  const double drift = k2 * scale * log_share;
  return std::sqrt(k1 * k1 * v * log_share + drift * drift) + drift;
}

}  // namespace

void RunningMean::add(double value) {
  ++count_;
  const double step = value - mean_;
  mean_ += step / static_cast<double>(count_);
  squares_ += step * (value - mean_);
}

double RunningMean::variance() const {
  return count_ < 2 ? 0 : squares_ / static_cast<double>(count_ - 1);
}

double sequence_radius(double count, const SequenceRules& rules) {
  if (count <= 0) return kInfinite;
  const double mixture = mixture_of(rules);
  const double spread = count * mixture * mixture;
  const double error = 1 - rules.confidence;
  return std::sqrt(2 * (spread + 1) / (count * spread) * std::log(std::sqrt(spread + 1) / error));
}

double sequence_p(double count, double errors, const SequenceRules& rules) {
  if (count <= 0) return 1;
  const double mixture = mixture_of(rules);
  const double spread = count * mixture * mixture;
  const double evidence = errors * errors * spread / (2 * (spread + 1));
  return std::min(1.0, std::sqrt(spread + 1) * std::exp(-evidence));
}

Interval asymptotic_sequence(const RunningMean& seen, const SequenceRules& rules) {
  if (seen.count() < 2) return {-kInfinite, kInfinite};
  const double radius =
      std::sqrt(seen.variance()) * sequence_radius(static_cast<double>(seen.count()), rules);
  return {seen.mean() - radius, seen.mean() + radius};
}

Interval asymptotic_sequence(std::span<const PersonSum> people, const SequenceRules& rules) {
  const MeanOfPeople mean = mean_of_people(people);
  if (!(mean.error > 0)) return {-kInfinite, kInfinite};
  // An error of the mean is a deviation of one person over the root of how many they are.
  const auto count = static_cast<double>(people.size());
  const double radius = mean.error * std::sqrt(count) * sequence_radius(count, rules);
  return {mean.mean - radius, mean.mean + radius};
}

void BoundedSequence::add(double value) {
  const double within = std::clamp(value, low_, high_);
  const double expected = count_ == 0 ? (low_ + high_) / 2 : mean();
  squares_ += (within - expected) * (within - expected);
  sum_ += within;
  ++count_;
}

Interval BoundedSequence::bounds(const SequenceRules& rules) const {
  if (count_ == 0) return {low_, high_};
  const double scale = high_ - low_;
  const double each_side = (1 - rules.confidence) / 2;
  // Before this much variance the boundary is flat; a twentieth of what is expected where it is tightest.
  const double first_epoch = scale * scale * std::max(1.0, rules.tightest_at / 80);
  const double radius =
      stitched_boundary(squares_, scale, each_side, first_epoch) / static_cast<double>(count_);
  return {std::max(low_, mean() - radius), std::min(high_, mean() + radius)};
}

}  // namespace rankloop::ml
