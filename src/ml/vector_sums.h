// Sums over the numbers of vectors, of a block of items at a time, written for the vector unit.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "ml/catalog.h"

namespace rankloop::ml {

enum class VectorTerm {
  kProduct,     // of a number that is asked and the item's
  kDifference,  // of these, squared
};

struct VectorSums {
  alignas(32) std::array<float, kBlockRows> terms;
  alignas(32) std::array<float, kBlockRows> squares;  // of the item's numbers
};

// Of the block that begins at `items`: number n of its item i stands at items[n * kChunkRows + i]. An item's
// sums are added up number by number, each term rounded: they have the same bits on every processor and
// wherever it stands in a block.
using SumVectors = void (*)(VectorTerm term, std::span<const float> asked, const float* items,
                            VectorSums& sums);

// Of every processor, and the fastest that this one runs.
SumVectors portable_vector_sums();
SumVectors best_vector_sums();

}  // namespace rankloop::ml
