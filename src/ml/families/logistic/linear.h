// The linear function of the logistic family as plain numbers.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ml/input_bounds.h"
#include "ml/model.h"
#include "ml/vocabulary.h"

namespace rankloop::ml {

// One number that has a weight. It adds weight * (bounded value - mean) log-odds; where it is absent (NaN),
// what its absence was found to mean: nothing, as if it were the mean of the training rows, where it never
// was absent.
struct LinearInput {
  std::uint32_t column = 0;  // index into FeatureSpace::numbers()
  float mean = 0;
  float weight = 0;  // log-odds per unit of the raw value
  InputBounds bounds;
  float absent = 0;     // log-odds
  float deviation = 0;  // of the weight, in its posterior; 0: not known
  float term(float value) const { return std::isnan(value) ? absent : weight * (bounds.bound(value) - mean); }
};

// The raw score is the sigmoid of intercept + the inputs' terms + the weights of the row's words.
struct Linear {
  std::vector<LinearInput> inputs;
  float intercept = 0;  // log-odds of a row whose inputs all stand at their means, without words
  Vocabularies words;
  std::vector<float> word_weights;     // [words.size()], log-odds
  std::vector<float> word_deviations;  // of these, as of inputs; empty: not known

  bool keeps_posterior() const;
};

// Of a row whose words are at these places. What the row has no column for adds nothing.
double log_odds_of(const Linear& linear, const FeatureRows& rows, std::span<const std::uint32_t> places,
                   std::size_t row);
// Exact: a linear function is the sum of its terms.
Explanation explain_linear(const Linear& linear, const FeatureRows& row,
                           std::span<const std::uint32_t> places);

// A model of the function, for domains with this feature fingerprint.
std::shared_ptr<const Model> make_logistic_model(Linear linear, std::string feature_fingerprint);

}  // namespace rankloop::ml
