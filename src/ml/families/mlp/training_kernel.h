// The arithmetic of training the network: gradients of eight samples at once, and Adam's update. Vectors run
// over the 64 hidden units, and over the eight samples where a layer is narrower.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ml/families/mlp/network.h"
#include "ml/lanes.h"

namespace rankloop::ml {

// Where the parameters stand in one flat array, which the optimiser sees as a whole. The second layer is
// transposed ([kSecond][kHidden]); what follows it is rounded up to whole registers.
struct ParameterLayout {
  explicit ParameterLayout(std::size_t input_count, std::size_t places = 0)
      : inputs(input_count),
        first_bias(inputs * kHidden),
        second(first_bias + kHidden),
        second_bias(second + kSecond * kHidden),
        third(second_bias + kSecond),
        third_bias(third + kSecond),
        words(third_bias + kLanes),
        size(words + places * kHidden) {}

  std::size_t inputs;
  std::size_t first_bias, second, second_bias, third, third_bias;  // the first layer starts at 0
  std::size_t words;                                               // its rows of words, [places][kHidden]
  std::size_t size;
};

// Eight samples; in an incomplete group the weights of the others are 0.
struct SampleGroup {
  std::array<const float*, kLanes> inputs{};                   // [inputs] each, scaled
  std::array<std::span<const std::uint32_t>, kLanes> words{};  // places
  std::array<float, kLanes> labels{};                          // 0 or 1
  std::array<float, kLanes> weights{};                         // share of the batch's mean loss
  std::array<float, kLanes> logits{};                          // out
};

// Inverted dropout: a unit is dropped with the given probability, the others grow so that the mean stays.
// Eight streams of xorshift32 (Marsaglia, "Xorshift RNGs", 2003).
struct Dropout {
  std::array<std::uint32_t, kLanes> state{};  // never 0
  std::uint32_t threshold = 0;                // of 24 bits; a draw below it drops
  float kept = 1;                             // 1 / (1 - probability)
};

struct AdamStep {
  float rate = 0;               // learning rate / (1 - beta1^t)
  float second_correction = 0;  // 1 / sqrt(1 - beta2^t)
};

struct TrainingKernel {
  // Adds the gradients of the weighted binary cross-entropy of the group; sets its logits.
  void (*add_gradients)(const ParameterLayout& layout, const float* parameters, SampleGroup& group,
                        Dropout& dropout, float* gradients);
  // Sets the group's logits, nothing else.
  void (*find_logits)(const ParameterLayout& layout, const float* parameters, SampleGroup& group,
                      Dropout& dropout);
  // Adds the gradients of any loss, given its derivatives by the logits; labels and weights are not looked
  // at.
  void (*add_gradients_of)(const ParameterLayout& layout, const float* parameters, SampleGroup& group,
                           const std::array<float, kLanes>& errors, Dropout& dropout, float* gradients);
  // Moves the parameters against the gradients and clears these. Kingma and Ba, "Adam", ICLR 2015, with
  // beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8.
  void (*update)(const AdamStep& step, std::size_t size, float* parameters, float* gradients,
                 float* first_moment, float* second_moment);
};

const TrainingKernel& portable_training_kernel();
const TrainingKernel& best_training_kernel();

}  // namespace rankloop::ml
