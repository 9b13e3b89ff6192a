// Finds the columns that have outliers, and how far their other values go.
#include "ml/input_bounds.h"

#include <cmath>

#include "domain/strict_json.h"
#include "ml/artefact.h"
#include "ml/feature_space.h"

namespace rankloop::ml {
namespace {

constexpr double kTail = 0.01;  // beyond the quantiles, on either side
constexpr double kFar = 10;     // times the distance of the quantiles
constexpr float kInfinity = std::numeric_limits<float>::infinity();

float nth(std::span<float> values, std::size_t n) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(n), values.end());
  return values[n];
}

struct Range {
  float low = 0;
  float high = 0;
};

Range quantiles(std::span<float> values) {
  const std::size_t tail =
      static_cast<std::size_t>(std::lround(kTail * static_cast<double>(values.size() - 1)));
  const float low = nth(values, tail);
  return {low, nth(values, values.size() - 1 - tail)};
}

// The range of what is usual. Reorders the values.
Range usual(std::span<float> values) {
  const float median = nth(values, values.size() / 2);
  const auto others = std::partition(values.begin(), values.end(), [&](float v) { return v == median; });
  const auto same = static_cast<std::size_t>(others - values.begin());
  if (same == values.size()) return {median, median};
  if (2 * same < values.size()) return quantiles(values);
  const Range range = quantiles(values.subspan(same));
  return {std::min(range.low, median), std::max(range.high, median)};
}

FittedBounds bounds_of(std::span<float> values) {
  if (values.empty()) return {};
  const Range range = usual(values);
  const double far = kFar * (static_cast<double>(range.high) - static_cast<double>(range.low));
  const double lowest = static_cast<double>(range.low) - far;
  const double highest = static_cast<double>(range.high) + far;
  FittedBounds fitted;
  Range inside{kInfinity, -kInfinity};
  bool below = false;
  bool above = false;
  for (const float value : values) {
    const auto number = static_cast<double>(value);
    if (number < lowest || number > highest) {
      ++fitted.outside;
      (number < lowest ? below : above) = true;
    } else {
      inside = {std::min(inside.low, value), std::max(inside.high, value)};
    }
  }
  if (below) fitted.bounds.low = inside.low;
  if (above) fitted.bounds.high = inside.high;
  return fitted;
}

}  // namespace

std::vector<FittedBounds> fit_bounds(std::span<const LabelledRows* const> parts) {
  const std::size_t width = parts.front()->width;
  std::vector<FittedBounds> fitted;
  std::vector<float> values;
  for (std::size_t c = 0; c < width; ++c) {
    values.clear();
    for (const LabelledRows* rows : parts) {
      for (std::size_t r = 0; r < rows->rows(); ++r) {
        const float value = rows->values[r * width + c];
        if (!std::isnan(value)) values.push_back(value);
      }
    }
    fitted.push_back(bounds_of(values));
  }
  return fitted;
}

std::vector<BoundedInput> bounded_inputs(const Domain& domain, std::span<const FittedBounds> fitted) {
  const FeatureSpace space(domain);
  std::vector<BoundedInput> bounded;
  for (std::size_t c = 0; c < fitted.size(); ++c) {
    if (fitted[c].bounds.any()) bounded.push_back({space.input_name(c), fitted[c].outside, fitted[c].bounds});
  }
  return bounded;
}

std::string to_sentence(const BoundedInput& input) {
  std::string text = std::to_string(input.rows) + (input.rows == 1 ? " row has" : " rows have") +
                     " a value of " + input.name + " far beyond all others; it counts as ";
  const auto add = [&](float bound) { append_json_number(text, bound); };
  const bool both = input.bounds.low > -kInfinity && input.bounds.high < kInfinity;
  if (input.bounds.low > -kInfinity) add(input.bounds.low);
  if (both) text += " or ";
  if (input.bounds.high < kInfinity) add(input.bounds.high);
  return text + ", the furthest of the others";
}

void write_bounds(ByteWriter& writer, const InputBounds& bounds) {
  writer.put(bounds.low);
  writer.put(bounds.high);
}

InputBounds read_bounds(ByteReader& reader) {
  InputBounds bounds;
  bounds.low = reader.get_float();
  bounds.high = reader.get_float();
  return bounds;
}

bool are_around(const InputBounds& bounds, float number) {
  return bounds.low <= number && number <= bounds.high;
}

}  // namespace rankloop::ml
