// Scales by minimum and maximum, and the chi-squared test.
#include "ml/features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace rankloop::ml {

std::vector<ColumnRange> fit_ranges(const LabelledRows& rows, std::span<const FittedBounds> bounds) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> low(rows.width, kInfinity);
  std::vector<float> high(rows.width, -kInfinity);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    for (std::size_t c = 0; c < rows.width; ++c) {
      const float value = bounds[c].bounds.bound(rows.values[r * rows.width + c]);
      if (std::isnan(value)) continue;
      low[c] = std::min(low[c], value);
      high[c] = std::max(high[c], value);
    }
  }
  std::vector<ColumnRange> ranges(rows.width);
  for (std::size_t c = 0; c < rows.width; ++c) {
    ranges[c].bounds = bounds[c].bounds;
    if (low[c] > high[c]) continue;  // absent everywhere
    const float width = high[c] - low[c];
    ranges[c].minimum = low[c];
    ranges[c].scale = width > 0 ? 1 / width : 1;
  }
  return ranges;
}

std::vector<double> chi_squared(const LabelledRows& rows, std::span<const ColumnRange> ranges) {
  std::array<std::vector<double>, 2> observed;
  observed.fill(std::vector<double>(rows.width));
  std::array<double, 2> share{};
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const std::size_t label = rows.labels[r] > 0.5F ? 1 : 0;
    share[label] += 1 / static_cast<double>(rows.rows());
    for (std::size_t c = 0; c < rows.width; ++c) {
      const float value = rows.values[r * rows.width + c];
      if (!std::isnan(value)) observed[label][c] += static_cast<double>(ranges[c].scaled(value));
    }
  }
  std::vector<double> statistics(rows.width, -1);
  for (std::size_t c = 0; c < rows.width; ++c) {
    const double total = observed[0][c] + observed[1][c];
    if (total <= 0) continue;
    statistics[c] = 0;
    for (const std::size_t label : {0U, 1U}) {
      const double expected = share[label] * total;
      const double difference = observed[label][c] - expected;
      if (expected > 0) statistics[c] += difference * difference / expected;
    }
  }
  return statistics;
}

std::vector<std::size_t> best_columns(std::span<const double> statistics, std::size_t count) {
  std::vector<std::size_t> columns(statistics.size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  std::stable_sort(columns.begin(), columns.end(),
                   [&](std::size_t a, std::size_t b) { return statistics[a] < statistics[b]; });
  columns.erase(columns.begin(),
                columns.end() - static_cast<std::ptrdiff_t>(std::min(count, columns.size())));
  std::sort(columns.begin(), columns.end());
  return columns;
}

}  // namespace rankloop::ml
