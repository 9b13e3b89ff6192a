// Means and deviations, and rows on their scale.
#include "ml/standardise.h"

#include <algorithm>
#include <cmath>

namespace rankloop::ml {

std::vector<StandardInput> standardise(std::span<const LabelledRows* const> parts, std::size_t features) {
  return standardise(parts, fit_bounds(parts), features);
}

std::vector<StandardInput> standardise(std::span<const LabelledRows* const> parts,
                                       std::span<const FittedBounds> bounds, std::size_t features) {
  const std::size_t width = parts.front()->width;
  double total = 0;
  std::vector<double> weights(width), sums(width), squares(width);
  std::vector<float> means(width);
  const auto visit = [&](auto&& take) {
    for (const LabelledRows* rows : parts) {
      for (std::size_t r = 0; r < rows->rows(); ++r) {
        const auto weight = static_cast<double>(rows->weight(r));
        for (std::size_t c = 0; c < width; ++c) {
          const float value = rows->values[r * width + c];
          if (!std::isnan(value)) take(c, weight, static_cast<double>(bounds[c].bounds.bound(value)));
        }
      }
    }
  };
  visit([&](std::size_t c, double weight, double value) {
    weights[c] += weight;
    sums[c] += weight * value;
  });
  for (std::size_t c = 0; c < width; ++c) {
    if (weights[c] > 0) means[c] = static_cast<float>(sums[c] / weights[c]);
  }
  visit([&](std::size_t c, double weight, double value) {
    const double distance = value - static_cast<double>(means[c]);
    squares[c] += weight * distance * distance;
  });
  std::vector<StandardInput> inputs;
  for (std::size_t c = 0; c < width; ++c) {
    if (!(weights[c] > 0)) continue;
    const double deviation = std::sqrt(squares[c] / weights[c]);
    // Below the mean's own rounding there is nothing but that rounding.
    constexpr double kRounding = 1e-6;
    if (!(deviation > kRounding * std::abs(static_cast<double>(means[c])))) continue;
    inputs.push_back({static_cast<std::uint32_t>(c), means[c], deviation, bounds[c].bounds});
  }
  for (const LabelledRows* rows : parts) {
    for (std::size_t r = 0; r < rows->rows(); ++r) total += static_cast<double>(rows->weight(r));
  }
  for (std::size_t c = 0; c < std::min(width, features); ++c) {
    const double there = weights[c] / total;
    // Sums of the same weights in another order differ by their rounding.
    constexpr double kRounding = 1e-9;
    if (!(there > kRounding && there < 1 - kRounding)) continue;
    StandardInput absence{.column = static_cast<std::uint32_t>(c)};
    absence.deviation = std::sqrt(there * (1 - there));
    absence.absence = true;
    inputs.push_back(absence);
  }
  return inputs;
}

}  // namespace rankloop::ml
