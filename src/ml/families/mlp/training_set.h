// The rows as the network sees them in training: selected inputs, scaled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "ml/families/mlp/network.h"
#include "ml/families/mlp/train_mlp.h"
#include "ml/labelled_rows.h"
#include "ml/vocabulary.h"

namespace rankloop::ml {

// The rows [first, first + count) of one request, of which some are picks.
struct RequestRows {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  float picks = 0;  // weight x label, summed
};

struct TrainingSet {
  std::vector<FittedBounds> bounds;  // by column
  std::vector<NetworkInput> inputs;
  std::vector<float> values;  // [rows][inputs]
  Vocabularies words;
  std::optional<PlacesOfRows> places;  // of the rows' words
  std::vector<float> labels;           // [rows]
  std::vector<float> weights;          // [rows], 1 on the mean
  std::vector<std::uint32_t> positives;
  std::vector<std::uint32_t> negatives;
  std::vector<RequestRows> requests;  // those with a pick; empty when unknown

  const float* row(std::uint32_t r) const { return values.data() + r * inputs.size(); }
};

// `features`: how many of the numbers are of features; the others are of crosses.
TrainingSet make_training_set(const LabelledRows& rows, const MlpRecipe& recipe, std::size_t features);

}  // namespace rankloop::ml
