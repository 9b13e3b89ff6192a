// Forward, backward and Adam over eight samples.
#include "ml/families/mlp/training_kernel.h"

#include "ml/families/mlp/sigmoid.h"

namespace rankloop::ml {
namespace {

static_assert(kHidden == 8 * kLanes && kSecond == 2 * kLanes);

// Eight registers: one value of each hidden unit, or eight values of each sample.
struct Eight {
  Lanes r0, r1, r2, r3, r4, r5, r6, r7;
};

RANKLOOP_INLINE void load_eight(Eight& e, const float* from) {
  load(e.r0, from);
  load(e.r1, from + 8);
  load(e.r2, from + 16);
  load(e.r3, from + 24);
  load(e.r4, from + 32);
  load(e.r5, from + 40);
  load(e.r6, from + 48);
  load(e.r7, from + 56);
}
RANKLOOP_INLINE void store_eight(const Eight& e, float* to) {
  store(e.r0, to);
  store(e.r1, to + 8);
  store(e.r2, to + 16);
  store(e.r3, to + 24);
  store(e.r4, to + 32);
  store(e.r5, to + 40);
  store(e.r6, to + 48);
  store(e.r7, to + 56);
}
RANKLOOP_INLINE void add_product(Eight& sum, const float* values, float factor) {
  Eight e;
  load_eight(e, values);
  sum.r0 += e.r0 * factor;
  sum.r1 += e.r1 * factor;
  sum.r2 += e.r2 * factor;
  sum.r3 += e.r3 * factor;
  sum.r4 += e.r4 * factor;
  sum.r5 += e.r5 * factor;
  sum.r6 += e.r6 * factor;
  sum.r7 += e.r7 * factor;
}
RANKLOOP_INLINE float sum_of(const Lanes& lanes) {
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

using LaneBits = std::uint32_t __attribute__((vector_size(32)));

// Activations of a group and their gradients.
struct Activations {
  alignas(64) float hidden[kLanes][kHidden];   // after ReLU
  alignas(64) float gate[kLanes][kHidden];     // d hidden / d sum: 0, or dropout's factor
  alignas(64) float by_unit[kHidden][kLanes];  // hidden, transposed
  alignas(64) float second[kSecond][kLanes];   // after ReLU
  alignas(64) float second_error[kSecond][kLanes];
  alignas(64) float hidden_error[kLanes][kHidden];
};

RANKLOOP_INLINE void draw_factors(Dropout& dropout, float* factors) {
  LaneBits bits;
  __builtin_memcpy(&bits, dropout.state.data(), sizeof bits);
  const Lanes zero{};
  const Lanes kept = zero + dropout.kept;
  const auto threshold = static_cast<std::int32_t>(dropout.threshold);
  for (std::size_t i = 0; i < kHidden; i += kLanes) {
    bits ^= bits << 13;
    bits ^= bits >> 17;
    bits ^= bits << 5;
    const LaneInts drawn = reinterpret_cast<LaneInts>(bits >> 8);
    store(drawn < threshold ? zero : kept, factors + i);
  }
  __builtin_memcpy(dropout.state.data(), &bits, sizeof bits);
}

RANKLOOP_INLINE void forward_first(const ParameterLayout& layout, const float* parameters,
                                   const float* inputs, std::span<const std::uint32_t> words, float* hidden,
                                   float* gate) {
  Eight sums;
  load_eight(sums, parameters + layout.first_bias);
  for (std::size_t i = 0; i < layout.inputs; ++i) add_product(sums, parameters + i * kHidden, inputs[i]);
  for (const std::uint32_t place : words) add_product(sums, parameters + layout.words + place * kHidden, 1);
  store_eight(sums, hidden);
  const Lanes zero{};
  for (std::size_t h = 0; h < kHidden; h += kLanes) {
    Lanes factor, value;
    load(factor, gate + h);
    load(value, hidden + h);
    value *= factor;
    store(value > zero ? factor : zero, gate + h);
    store(value > zero ? value : zero, hidden + h);
  }
}

// Eight outputs of the second layer for all samples.
RANKLOOP_INLINE void forward_second(const float (&by_unit)[kHidden][kLanes], const float* weights,
                                    const float* bias, float (*out)[kLanes]) {
  Eight sums;
  fill(sums.r0, bias[0]);
  fill(sums.r1, bias[1]);
  fill(sums.r2, bias[2]);
  fill(sums.r3, bias[3]);
  fill(sums.r4, bias[4]);
  fill(sums.r5, bias[5]);
  fill(sums.r6, bias[6]);
  fill(sums.r7, bias[7]);
  for (std::size_t h = 0; h < kHidden; ++h) {
    Lanes unit;
    load(unit, by_unit[h]);
    sums.r0 += unit * weights[h];
    sums.r1 += unit * weights[kHidden + h];
    sums.r2 += unit * weights[2 * kHidden + h];
    sums.r3 += unit * weights[3 * kHidden + h];
    sums.r4 += unit * weights[4 * kHidden + h];
    sums.r5 += unit * weights[5 * kHidden + h];
    sums.r6 += unit * weights[6 * kHidden + h];
    sums.r7 += unit * weights[7 * kHidden + h];
  }
  keep_positive(sums.r0);
  keep_positive(sums.r1);
  keep_positive(sums.r2);
  keep_positive(sums.r3);
  keep_positive(sums.r4);
  keep_positive(sums.r5);
  keep_positive(sums.r6);
  keep_positive(sums.r7);
  store_eight(sums, out[0]);
}

RANKLOOP_INLINE void forward(const ParameterLayout& layout, const float* parameters, SampleGroup& group,
                             Dropout& dropout, Activations& a) {
  for (std::size_t s = 0; s < kLanes; ++s) {
    draw_factors(dropout, a.gate[s]);
    forward_first(layout, parameters, group.inputs[s], group.words[s], a.hidden[s], a.gate[s]);
  }
  for (std::size_t h = 0; h < kHidden; ++h) {
    const Lanes unit = {a.hidden[0][h], a.hidden[1][h], a.hidden[2][h], a.hidden[3][h],
                        a.hidden[4][h], a.hidden[5][h], a.hidden[6][h], a.hidden[7][h]};
    store(unit, a.by_unit[h]);
  }
  for (std::size_t o = 0; o < kSecond; o += kLanes) {
    forward_second(a.by_unit, parameters + layout.second + o * kHidden, parameters + layout.second_bias + o,
                   a.second + o);
  }
  Lanes logits;
  fill(logits, parameters[layout.third_bias]);
  for (std::size_t o = 0; o < kSecond; ++o) {
    Lanes value;
    load(value, a.second[o]);
    logits += value * parameters[layout.third + o];
  }
  store(logits, group.logits.data());
}

// The derivatives of the weighted binary cross-entropy by the logits.
RANKLOOP_INLINE void cross_entropy_errors(const SampleGroup& group, Lanes& error) {
  Lanes label, weight;
  load(error, group.logits.data());
  load(label, group.labels.data());
  load(weight, group.weights.data());
  sigmoid(error);
  error = (error - label) * weight;
}

// From the loss back to the second layer's sums; adds the gradients of the third layer and the second's bias.
RANKLOOP_INLINE void backward_top(const ParameterLayout& layout, const float* parameters, const Lanes& error,
                                  Activations& a, float* gradients) {
  gradients[layout.third_bias] += sum_of(error);
  const Lanes zero{};
  for (std::size_t o = 0; o < kSecond; ++o) {
    Lanes value;
    load(value, a.second[o]);
    gradients[layout.third + o] += sum_of(error * value);
    const Lanes passed = error * parameters[layout.third + o];
    const Lanes second_error = value > zero ? passed : zero;
    gradients[layout.second_bias + o] += sum_of(second_error);
    store(second_error, a.second_error[o]);
  }
}

RANKLOOP_INLINE void backward_second(const ParameterLayout& layout, const float* parameters, Activations& a,
                                     float* gradients) {
  for (std::size_t o = 0; o < kSecond; ++o) {
    float* gradient = gradients + layout.second + o * kHidden;
    Eight sums;
    load_eight(sums, gradient);
    for (std::size_t s = 0; s < kLanes; ++s) add_product(sums, a.hidden[s], a.second_error[o][s]);
    store_eight(sums, gradient);
  }
  for (std::size_t s = 0; s < kLanes; ++s) {
    Eight sums{};
    for (std::size_t o = 0; o < kSecond; ++o) {
      add_product(sums, parameters + layout.second + o * kHidden, a.second_error[o][s]);
    }
    store_eight(sums, a.hidden_error[s]);
    for (std::size_t h = 0; h < kHidden; h += kLanes) {
      Lanes error, gate;
      load(error, a.hidden_error[s] + h);
      load(gate, a.gate[s] + h);
      store(error * gate, a.hidden_error[s] + h);
    }
  }
}

RANKLOOP_INLINE void backward_first(const ParameterLayout& layout, const SampleGroup& group,
                                    const Activations& a, float* gradients) {
  for (std::size_t i = 0; i <= layout.inputs; ++i) {  // the bias stands after the weights: its input is 1
    Eight sums;
    load_eight(sums, gradients + i * kHidden);
    for (std::size_t s = 0; s < kLanes; ++s) {
      add_product(sums, a.hidden_error[s], i < layout.inputs ? group.inputs[s][i] : 1.0F);
    }
    store_eight(sums, gradients + i * kHidden);
  }
  for (std::size_t s = 0; s < kLanes; ++s) {
    for (const std::uint32_t place : group.words[s]) {
      float* gradient = gradients + layout.words + place * kHidden;
      Eight sums;
      load_eight(sums, gradient);
      add_product(sums, a.hidden_error[s], 1);
      store_eight(sums, gradient);
    }
  }
}

RANKLOOP_INLINE void backward(const ParameterLayout& layout, const float* parameters,
                              const SampleGroup& group, const Lanes& error, Activations& a,
                              float* gradients) {
  backward_top(layout, parameters, error, a, gradients);
  backward_second(layout, parameters, a, gradients);
  backward_first(layout, group, a, gradients);
}

RANKLOOP_INLINE void add_gradients(const ParameterLayout& layout, const float* parameters, SampleGroup& group,
                                   Dropout& dropout, float* gradients) {
  Activations activations;
  forward(layout, parameters, group, dropout, activations);
  Lanes error;
  cross_entropy_errors(group, error);
  backward(layout, parameters, group, error, activations, gradients);
}

RANKLOOP_INLINE void find_logits(const ParameterLayout& layout, const float* parameters, SampleGroup& group,
                                 Dropout& dropout) {
  Activations activations;
  forward(layout, parameters, group, dropout, activations);
}

RANKLOOP_INLINE void add_gradients_of(const ParameterLayout& layout, const float* parameters,
                                      SampleGroup& group, const std::array<float, kLanes>& errors,
                                      Dropout& dropout, float* gradients) {
  Activations activations;
  forward(layout, parameters, group, dropout, activations);
  Lanes error;
  load(error, errors.data());
  backward(layout, parameters, group, error, activations, gradients);
}

// Newton's method for 1 / sqrt(x) from a guess that halves the exponent, then times x: the vector extension
// has no square root. Three steps reach float's precision; 0 stays 0.
RANKLOOP_INLINE void square_root(Lanes& lanes) {
  const LaneInts guess = 0x5f3759df - (reinterpret_cast<LaneInts>(lanes) >> 1);
  Lanes inverse = reinterpret_cast<Lanes>(guess);
  const Lanes half = lanes * 0.5F;
  inverse *= 1.5F - half * inverse * inverse;
  inverse *= 1.5F - half * inverse * inverse;
  inverse *= 1.5F - half * inverse * inverse;
  lanes *= inverse;
}

RANKLOOP_INLINE void update(const AdamStep& step, std::size_t size, float* parameters, float* gradients,
                            float* first_moment, float* second_moment) {
  constexpr float kBeta1 = 0.9F;
  constexpr float kBeta2 = 0.999F;
  constexpr float kEpsilon = 1e-8F;
  // Far below epsilon's reach; they keep the decaying moments of silent units out of the denormal numbers, on
  // which processors are slow (a quarter of the training's time).
  constexpr float kFirstFloor = 1e-25F;
  constexpr float kSecondFloor = 1e-35F;
  for (std::size_t i = 0; i < size; i += kLanes) {
    Lanes parameter, gradient, first, second;
    load(parameter, parameters + i);
    load(gradient, gradients + i);
    load(first, first_moment + i);
    load(second, second_moment + i);
    first += (gradient - first) * (1 - kBeta1) + kFirstFloor;
    second = second * kBeta2 + gradient * gradient * (1 - kBeta2) + kSecondFloor;
    store(first, first_moment + i);
    store(second, second_moment + i);
    square_root(second);
    parameter -= first * step.rate / (second * step.second_correction + kEpsilon);
    store(parameter, parameters + i);
    store(Lanes{}, gradients + i);
  }
}

void portable_add_gradients(const ParameterLayout& layout, const float* parameters, SampleGroup& group,
                            Dropout& dropout, float* gradients) {
  add_gradients(layout, parameters, group, dropout, gradients);
}
void portable_find_logits(const ParameterLayout& layout, const float* parameters, SampleGroup& group,
                          Dropout& dropout) {
  find_logits(layout, parameters, group, dropout);
}
void portable_add_gradients_of(const ParameterLayout& layout, const float* parameters, SampleGroup& group,
                               const std::array<float, kLanes>& errors, Dropout& dropout, float* gradients) {
  add_gradients_of(layout, parameters, group, errors, dropout, gradients);
}
void portable_update(const AdamStep& step, std::size_t size, float* parameters, float* gradients,
                     float* first_moment, float* second_moment) {
  update(step, size, parameters, gradients, first_moment, second_moment);
}

RANKLOOP_AVX2 void avx2_add_gradients(const ParameterLayout& layout, const float* parameters,
                                      SampleGroup& group, Dropout& dropout, float* gradients) {
  add_gradients(layout, parameters, group, dropout, gradients);
}
RANKLOOP_AVX2 void avx2_find_logits(const ParameterLayout& layout, const float* parameters,
                                    SampleGroup& group, Dropout& dropout) {
  find_logits(layout, parameters, group, dropout);
}
RANKLOOP_AVX2 void avx2_add_gradients_of(const ParameterLayout& layout, const float* parameters,
                                         SampleGroup& group, const std::array<float, kLanes>& errors,
                                         Dropout& dropout, float* gradients) {
  add_gradients_of(layout, parameters, group, errors, dropout, gradients);
}
RANKLOOP_AVX2 void avx2_update(const AdamStep& step, std::size_t size, float* parameters, float* gradients,
                               float* first_moment, float* second_moment) {
  update(step, size, parameters, gradients, first_moment, second_moment);
}

}  // namespace

const TrainingKernel& portable_training_kernel() {
  static constexpr TrainingKernel kKernel{portable_add_gradients, portable_find_logits,
                                          portable_add_gradients_of, portable_update};
  return kKernel;
}

const TrainingKernel& best_training_kernel() {
  static constexpr TrainingKernel kAvx2{avx2_add_gradients, avx2_find_logits, avx2_add_gradients_of,
                                        avx2_update};
  return has_avx2() ? kAvx2 : portable_training_kernel();
}

}  // namespace rankloop::ml
