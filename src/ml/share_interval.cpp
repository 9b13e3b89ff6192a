// Wilson's interval.
#include "ml/share_interval.h"

#include <algorithm>
#include <cmath>

namespace rankloop::ml {

Interval share_interval(double share, double n) {
  constexpr double kZ = 1.959963984540054;  // of 95 %
  const double centre = (share + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double width = kZ * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n)) / (1 + kZ * kZ / n);
  return {std::max(0.0, centre - width), std::min(1.0, centre + width)};
}

}  // namespace rankloop::ml
