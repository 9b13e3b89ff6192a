// Writes a linear function, and reads one from bytes that may be anything.
#include "ml/families/logistic/linear_bytes.h"

#include <algorithm>
#include <cmath>

namespace rankloop::ml {
namespace {

// Beyond these, terms of both signs could overflow and their sum be no number.
constexpr float kLargestWeight = 1e15F;
constexpr float kLargestShift = 1e30F;

bool sums_stay_finite(const LinearInput& input) {
  return std::abs(input.absent) <= kLargestWeight && std::abs(input.weight) <= kLargestWeight &&
         std::abs(input.mean) <= kLargestShift && std::abs(input.mean * input.weight) <= kLargestShift;
}

bool is_deviation(float deviation) {
  return deviation >= 0 && deviation <= kLargestWeight;
}

}  // namespace

std::uint32_t linear_format_of(const Linear& linear) {
  if (linear.keeps_posterior()) return kLinearWithPosterior;
  if (linear.words.columns() > 0) return kLinearWithWords;
  std::uint32_t format = kLinearFormat;
  for (const LinearInput& input : linear.inputs) {
    if (input.absent != 0) return kLinearWithWords;
    if (input.bounds.any()) format = kLinearWithBounds;
  }
  return format;
}

void write_linear(ByteWriter& writer, const Linear& linear, std::uint32_t format) {
  writer.put(static_cast<std::uint32_t>(linear.inputs.size()));
  for (const LinearInput& input : linear.inputs) {
    writer.put(input.column);
    writer.put(input.mean);
    writer.put(input.weight);
    if (format >= kLinearWithBounds) write_bounds(writer, input.bounds);
    if (format >= kLinearWithWords) writer.put(input.absent);
    if (format >= kLinearWithPosterior) writer.put(input.deviation);
  }
  writer.put(linear.intercept);
  if (format < kLinearWithWords) return;
  linear.words.write(writer);
  writer.put(linear.word_weights);
  if (format < kLinearWithPosterior) return;
  std::vector<float> deviations = linear.word_deviations;
  deviations.resize(linear.word_weights.size());
  writer.put(deviations);
}

Linear read_linear(ByteReader& reader, const FeatureSpace& space, std::uint32_t format, bool& sound) {
  const std::size_t columns = space.numbers().size();
  Linear linear;
  const std::uint32_t inputs = reader.get_number();
  sound = inputs <= columns;
  for (std::uint32_t i = 0; sound && i < inputs; ++i) {
    LinearInput input;
    input.column = reader.get_number();
    input.mean = reader.get_float();
    input.weight = reader.get_float();
    if (format >= kLinearWithBounds) input.bounds = read_bounds(reader);
    if (format >= kLinearWithWords) input.absent = reader.get_float();
    if (format >= kLinearWithPosterior) input.deviation = reader.get_float();
    sound = reader.ok() && is_deviation(input.deviation) && input.column < columns &&
            sums_stay_finite(input) && are_around(input.bounds, input.mean);
    linear.inputs.push_back(input);
  }
  linear.intercept = reader.get_float();
  sound = sound && std::abs(linear.intercept) <= kLargestWeight;
  if (!sound || format < kLinearWithWords) return linear;
  linear.words = Vocabularies::read(reader, space.codes().size(), sound);
  linear.word_weights.resize(linear.words.size());
  reader.get_floats(linear.word_weights);
  sound = sound && std::ranges::all_of(linear.word_weights,
                                       [](float weight) { return std::abs(weight) <= kLargestWeight; });
  if (!sound || format < kLinearWithPosterior) return linear;
  linear.word_deviations.resize(linear.word_weights.size());
  reader.get_floats(linear.word_deviations);
  sound = std::ranges::all_of(linear.word_deviations, is_deviation);
  return linear;
}

}  // namespace rankloop::ml
