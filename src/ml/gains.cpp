// Chooses the gain by the labels, and turns gains into shares.
#include "ml/gains.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

namespace rankloop::ml {
namespace {

constexpr double kHighestGrade = 10;  // judgements of relevance have two to seven grades

bool is_grade(double label) {
  return label <= kHighestGrade && label == std::trunc(label);
}

double gain_of(double label, Gain gain) {
  return gain == Gain::kExponential ? std::exp2(label) - 1 : label;
}

}  // namespace

Result<Gain> parse_gain(std::string_view name) {
  if (name == "auto") return Gain::kByLabels;
  if (name == "exponential") return Gain::kExponential;
  if (name == "linear") return Gain::kLinear;
  return Error{ErrorCode::kInvalidArgument,
               "the gain '" + std::string{name} + "' is not known; allowed are auto, exponential and linear"};
}

Gain settled(Gain gain, std::span<const double> labels) {
  if (gain != Gain::kByLabels) return gain;
  const bool above = std::ranges::any_of(labels, [](double label) { return label > 1; });
  return above && !std::ranges::all_of(labels, is_grade) ? Gain::kLinear : Gain::kExponential;
}

std::optional<RowsOfShares> as_shares(const LabelledRows& rows, const LabelledRows& validation) {
  std::vector<double> labels(rows.labels.begin(), rows.labels.end());
  labels.insert(labels.end(), validation.labels.begin(), validation.labels.end());
  const double best = labels.empty() ? 0 : *std::ranges::max_element(labels);
  if (!(best > 1)) return std::nullopt;
  const Gain gain = settled(Gain::kByLabels, labels);
  RowsOfShares shares{rows, validation};
  for (LabelledRows* part : std::array{&shares.rows, &shares.validation}) {
    for (float& label : part->labels)
      label = static_cast<float>(gain_of(static_cast<double>(label), gain) / gain_of(best, gain));
  }
  return shares;
}

}  // namespace rankloop::ml
