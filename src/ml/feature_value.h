// A number of a record as models see it.
#pragma once

#include <algorithm>
#include <limits>

namespace rankloop::ml {

// As float32; what is too large for it counts as the largest. An absent value (NaN) passes through, since
// clamp() compares only.
inline float feature_value(double number) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(number, -kLargest, kLargest));
}

}  // namespace rankloop::ml
