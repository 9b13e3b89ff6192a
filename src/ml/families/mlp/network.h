// The network of the mlp family as plain numbers: scaled inputs -> 64 ReLU -> 16 ReLU -> 1 sigmoid.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ml/input_bounds.h"
#include "ml/model.h"
#include "ml/vocabulary.h"

namespace rankloop::ml {

inline constexpr std::size_t kHidden = 64;  // width of the first layer
inline constexpr std::size_t kSecond = 16;  // width of the second

// One input the network uses; inputs that were not selected do not appear and cost nothing. The network sees
// (bounded value - minimum) * scale, and 0 for an absent value (NaN): as if it were the smallest of the
// training rows, or their mean where the recipe standardises. Or the absence is the input: `scale` where the
// value is absent, else 0.
struct NetworkInput {
  std::uint32_t column = 0;  // index into FeatureSpace::numbers()
  float minimum = 0;
  float scale = 1;
  InputBounds bounds;  // the minimum lies within them
  bool absence = false;
  float scaled(float value) const {
    if (absence) return std::isnan(value) ? scale : 0.0F;
    return std::isnan(value) ? 0.0F : (bounds.bound(value) - minimum) * scale;
  }
};

struct Network {
  std::vector<NetworkInput> inputs;
  std::vector<float> first_weights;  // [inputs][kHidden]
  Vocabularies words;
  std::vector<float> word_weights;  // [words.size()][kHidden]: what a word adds to the first layer
  std::array<float, kHidden> first_bias{};
  std::array<float, kHidden * kSecond> second_weights{};  // [kHidden][kSecond]
  std::array<float, kSecond> second_bias{};
  std::array<float, kSecond> third_weights{};
  float third_bias = 0;

  const float* word_row(std::uint32_t place) const { return word_weights.data() + place * kHidden; }
};

// A model of the network, for domains with this feature fingerprint.
std::shared_ptr<const Model> make_mlp_model(Network network, std::string feature_fingerprint);

}  // namespace rankloop::ml
