// The linear function of the logistic family as plain numbers.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ml/input_bounds.h"
#include "ml/model.h"

namespace rankloop::ml {

// One input that has a weight. It adds weight * (bounded value - mean) log-odds, and nothing where the value
// is absent (NaN): as if it were the mean of the training rows.
struct LinearInput {
  std::uint32_t column = 0;  // index into the domain's features, then its crosses
  float mean = 0;
  float weight = 0;  // log-odds per unit of the raw value
  InputBounds bounds;
  float term(float value) const { return std::isnan(value) ? 0.0F : weight * (bounds.bound(value) - mean); }
};

// The raw score is the sigmoid of intercept + the inputs' terms.
struct Linear {
  std::vector<LinearInput> inputs;
  float intercept = 0;  // log-odds of a row whose inputs all stand at their means
};

// A model of the function, for domains with this feature fingerprint.
std::shared_ptr<const Model> make_logistic_model(Linear linear, std::string feature_fingerprint);

}  // namespace rankloop::ml
