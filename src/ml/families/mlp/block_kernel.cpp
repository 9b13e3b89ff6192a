// The layers over one block, written for the vector unit.
#include "ml/families/mlp/block_kernel.h"

#include "ml/families/mlp/sigmoid.h"
#include "ml/lanes.h"

namespace rankloop::ml {
namespace {

static_assert(kBlockRows == 3 * kLanes && kHidden % 4 == 0 && kSecond % 4 == 0);

// A value of each of the block's items.
struct Row {
  Lanes a, b, c;
};

RANKLOOP_INLINE void load_row(Row& row, const float* from) {
  load(row.a, from);
  load(row.b, from + kLanes);
  load(row.c, from + 2 * kLanes);
}
RANKLOOP_INLINE void store_row(const Row& row, float* to) {
  store(row.a, to);
  store(row.b, to + kLanes);
  store(row.c, to + 2 * kLanes);
}
RANKLOOP_INLINE void fill_row(Row& row, float value) {
  fill(row.a, value);
  fill(row.b, value);
  fill(row.c, value);
}
RANKLOOP_INLINE void add_product(Row& sum, const Row& row, float weight) {
  sum.a += row.a * weight;
  sum.b += row.b * weight;
  sum.c += row.c * weight;
}
RANKLOOP_INLINE void relu(Row& row) {
  keep_positive(row.a);
  keep_positive(row.b);
  keep_positive(row.c);
}

// Keeps the compiler from loading the next weight before the last one is used: twelve sums, three inputs and
// one weight are all the registers there are, and a second weight would spill a sum in every round.
RANKLOOP_INLINE void keep_order() {
  __asm__ volatile("" ::: "memory");
}

// Four outputs of a dense layer at once: sums[k] += sum over i of weights[i * stride + k] * inputs[i].
RANKLOOP_INLINE void add_four(Row (&sums)[4], const float* inputs, std::size_t count, const float* weights,
                              std::size_t stride) {
  Row s0 = sums[0], s1 = sums[1], s2 = sums[2], s3 = sums[3];
  for (std::size_t i = 0; i < count; ++i) {
    Row input;
    load_row(input, inputs + i * kBlockRows);
    const float* weight = weights + i * stride;
    add_product(s0, input, weight[0]);
    keep_order();
    add_product(s1, input, weight[1]);
    keep_order();
    add_product(s2, input, weight[2]);
    keep_order();
    add_product(s3, input, weight[3]);
  }
  sums[0] = s0;
  sums[1] = s1;
  sums[2] = s2;
  sums[3] = s3;
}

RANKLOOP_INLINE void first_layer(const float* inputs, std::size_t count, const float* weights,
                                 const float* bias, HiddenBlock& out) {
  for (std::size_t h = 0; h < kHidden; h += 4) {
    Row sums[4];
    for (std::size_t k = 0; k < 4; ++k) fill_row(sums[k], bias[h + k]);
    add_four(sums, inputs, count, weights + h, kHidden);
    for (std::size_t k = 0; k < 4; ++k) store_row(sums[k], out.sums + (h + k) * kBlockRows);
  }
}

RANKLOOP_INLINE void load_sums(Row& row, const HiddenBlock& sums, const float* request, std::size_t h) {
  load_row(row, sums.sums + h * kBlockRows);
  row.a += request[h];
  row.b += request[h];
  row.c += request[h];
}

// The activations of the first layer.
RANKLOOP_INLINE void activate(const HiddenBlock& sums, const float* request, HiddenBlock& active) {
  for (std::size_t h = 0; h < kHidden; ++h) {
    Row row;
    load_sums(row, sums, request, h);
    relu(row);
    store_row(row, active.sums + h * kBlockRows);
  }
}
RANKLOOP_INLINE void activate_with_crosses(const HiddenBlock& sums, const float* request,
                                           const CrossTerms& crosses, HiddenBlock& active) {
  for (std::size_t h = 0; h < kHidden; h += 4) {
    Row rows[4];
    for (std::size_t k = 0; k < 4; ++k) load_sums(rows[k], sums, request, h + k);
    add_four(rows, crosses.inputs, crosses.count, crosses.weights + h, kHidden);
    for (std::size_t k = 0; k < 4; ++k) {
      relu(rows[k]);
      store_row(rows[k], active.sums + (h + k) * kBlockRows);
    }
  }
}

RANKLOOP_INLINE void score(const HiddenBlock& sums, const float* request, const CrossTerms& crosses,
                           const Network& network, float* scores) {
  constexpr std::size_t kQuarter = sizeof(HiddenBlock) / (kSecond / 4);
  HiddenBlock active;
  if (crosses.count == 0) {
    activate(sums, request, active);
  } else {
    activate_with_crosses(sums, request, crosses, active);
  }
  Row logits;
  fill_row(logits, network.third_bias);
  const char* next = reinterpret_cast<const char*>(&sums + 1);
  for (std::size_t o = 0; o < kSecond; o += 4) {
    // The catalog is streamed from memory once per request: fetching the next block while this one is
    // computed overlaps the two; a quarter at a time is what the processor can have under way. Beyond the
    // last block the fetch is a harmless hint.
    for (std::size_t line = 0; line < kQuarter; line += 64) __builtin_prefetch(next + line);
    next += kQuarter;
    Row rows[4];
    for (std::size_t k = 0; k < 4; ++k) fill_row(rows[k], network.second_bias[o + k]);
    add_four(rows, active.sums, kHidden, network.second_weights.data() + o, kSecond);
    for (std::size_t k = 0; k < 4; ++k) {
      relu(rows[k]);
      add_product(logits, rows[k], network.third_weights[o + k]);
    }
  }
  sigmoid(logits.a);
  sigmoid(logits.b);
  sigmoid(logits.c);
  store_row(logits, scores);
}

void portable_first_layer(const float* inputs, std::size_t count, const float* weights, const float* bias,
                          HiddenBlock& out) {
  first_layer(inputs, count, weights, bias, out);
}
void portable_score(const HiddenBlock& sums, const float* request, const CrossTerms& crosses,
                    const Network& network, float* scores) {
  score(sums, request, crosses, network, scores);
}

RANKLOOP_AVX2 void avx2_first_layer(const float* inputs, std::size_t count, const float* weights,
                                    const float* bias, HiddenBlock& out) {
  first_layer(inputs, count, weights, bias, out);
}
RANKLOOP_AVX2 void avx2_score(const HiddenBlock& sums, const float* request, const CrossTerms& crosses,
                              const Network& network, float* scores) {
  score(sums, request, crosses, network, scores);
}

}  // namespace

const BlockKernel& portable_kernel() {
  static constexpr BlockKernel kKernel{portable_first_layer, portable_score};
  return kKernel;
}

const BlockKernel& best_kernel() {
  static constexpr BlockKernel kAvx2{avx2_first_layer, avx2_score};
  return has_avx2() ? kAvx2 : portable_kernel();
}

}  // namespace rankloop::ml
