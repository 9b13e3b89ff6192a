// The arithmetic of one block: 24 items in structure-of-arrays order, [value][24]. A lane never looks at its
// neighbours, so an item's score has the same bits in whatever block it stands.
//
// The reason for 24: three AVX2 registers of items times four outputs are twelve accumulators, which with the
// three inputs and a broadcast weight fill the sixteen registers and hide the latency of fused multiply-adds.
#pragma once

#include <cstddef>

#include "ml/catalog.h"
#include "ml/families/mlp/network.h"

namespace rankloop::ml {

struct alignas(64) HiddenBlock {
  float sums[kHidden * kBlockRows];  // [kHidden][kBlockRows], before ReLU
};

// Adds a word's row of the first layer to one item of a block.
inline void add_word(const Network& network, std::uint32_t place, std::size_t lane, HiddenBlock& out) {
  const float* row = network.word_row(place);
  for (std::size_t h = 0; h < kHidden; ++h) out.sums[h * kBlockRows + lane] += row[h];
}

// Terms of the first layer that exist per request and item (crosses), or none.
struct CrossTerms {
  const float* inputs = nullptr;   // [count][kBlockRows]
  const float* weights = nullptr;  // [count][kHidden]
  std::size_t count = 0;
};

struct BlockKernel {
  // out[h] = bias[h] + sum over i of weights[i][h] * inputs[i]; inputs [count][kBlockRows].
  void (*first_layer)(const float* inputs, std::size_t count, const float* weights, const float* bias,
                      HiddenBlock& out);
  // The sigmoid scores [kBlockRows] of sums + request + crosses, through ReLU and the small layers.
  // `request`: [kHidden]. Reads ahead in memory after `sums`, where the next block usually stands.
  void (*score)(const HiddenBlock& sums, const float* request, const CrossTerms& crosses,
                const Network& network, float* scores);
};

const BlockKernel& portable_kernel();
// The fastest one this processor runs.
const BlockKernel& best_kernel();

}  // namespace rankloop::ml
