// Detectable differences and the requests that they take.
#include "ml/gate_power.h"

#include <algorithm>
#include <cmath>

#include <boost/math/distributions/normal.hpp>

namespace rankloop::ml {

Power power_of(const PowerQuestion& question, double error, std::size_t requests) {
  constexpr double kPower = 0.8;
  constexpr double kMost = 1e15;  // nobody has more, and it is still a whole number
  const boost::math::normal_distribution<double> normal;
  const double errors = quantile(normal, (1 + question.confidence) / 2) + quantile(normal, kPower);
  const double ratio = errors * error / question.effect;
  const double needed = std::min(std::ceil(static_cast<double>(requests) * ratio * ratio), kMost);
  return {.detectable = question.margin + errors * error,
          .effect = question.margin + question.effect,
          .requests = std::max(static_cast<std::size_t>(needed), question.least)};
}

}  // namespace rankloop::ml
