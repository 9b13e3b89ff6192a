// Number by number, three registers of items beside each other.
#include "ml/vector_sums.h"

#include "ml/lanes.h"

// A product that is rounded before it is added: as one operation it would have other bits where there is
// none.
#pragma clang fp contract(off)

namespace rankloop::ml {
namespace {

constexpr std::size_t kRegisters = kBlockRows / kLanes;
static_assert(kBlockRows % kLanes == 0);

template <VectorTerm kTerm>
RANKLOOP_INLINE void sum_of(std::span<const float> asked, const float* items, VectorSums& sums) {
  Lanes terms[kRegisters] = {};
  Lanes squares[kRegisters] = {};
  for (const float wanted : asked) {
    // The next block, as far as its numbers stand in other cache lines: columns are read side by side, too
    // many streams for the processor to see.
    __builtin_prefetch(items + 2 * kBlockRows);
    for (std::size_t r = 0; r < kRegisters; ++r) {
      Lanes number;
      load(number, items + r * kLanes);
      squares[r] += number * number;
      if constexpr (kTerm == VectorTerm::kProduct) {
        terms[r] += number * wanted;
      } else {
        const Lanes apart = wanted - number;
        terms[r] += apart * apart;
      }
    }
    items += kChunkRows;
  }
  for (std::size_t r = 0; r < kRegisters; ++r) {
    store(terms[r], sums.terms.data() + r * kLanes);
    store(squares[r], sums.squares.data() + r * kLanes);
  }
}

RANKLOOP_INLINE void sum(VectorTerm term, std::span<const float> asked, const float* items,
                         VectorSums& sums) {
  if (term == VectorTerm::kProduct) {
    sum_of<VectorTerm::kProduct>(asked, items, sums);
  } else {
    sum_of<VectorTerm::kDifference>(asked, items, sums);
  }
}

void portable_sum(VectorTerm term, std::span<const float> asked, const float* items, VectorSums& sums) {
  sum(term, asked, items, sums);
}

RANKLOOP_AVX2 void avx2_sum(VectorTerm term, std::span<const float> asked, const float* items,
                            VectorSums& sums) {
  sum(term, asked, items, sums);
}

}  // namespace

SumVectors portable_vector_sums() {
  return portable_sum;
}

SumVectors best_vector_sums() {
  return has_avx2() ? avx2_sum : portable_sum;
}

}  // namespace rankloop::ml
