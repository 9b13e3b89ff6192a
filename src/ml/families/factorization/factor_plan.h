// Where the vectors of a factorisation come from in a domain and a catalog.
#pragma once

#include <cstddef>
#include <vector>

#include "ml/catalog.h"
#include "ml/families/factorization/factors.h"
#include "ml/families/logistic/linear_plan.h"
#include "ml/word_plan.h"

namespace rankloop::ml {

struct FactorRequest {
  LinearRequest linear;
  std::vector<float> factors;  // [k]: the sum of the request's vectors
};

// Immutable after construction; thread-safe. Refers to the function, which must outlive it.
class FactorPlan {
 public:
  FactorPlan(const Factorisation& of, const Catalog& catalog);

  // Floats of a block's half: of each of its rows what the item adds by itself, and its k factors, each for
  // all 24 rows.
  std::size_t half_size() const { return (1 + of_.factors) * kBlockRows; }
  FactorRequest request(const Query& query) const;
  // The half of 24 rows of a chunk, from `first` on. Of the catalog's, or of a snapshot that shares the
  // chunk.
  void item_half(const CatalogChunk& chunk, std::size_t first, float* half) const;
  // The raw scores of the same rows.
  void score(const FactorRequest& request, const CatalogChunk& chunk, std::size_t first, const float* half,
             float* scores) const;

 private:
  struct Source {
    std::size_t input = 0;
    std::size_t position = 0;  // of the column: in the catalog's item columns or in the request schema
  };

  const Factorisation& of_;
  const LinearPlan linear_;
  const WordPlan words_;
  std::vector<Source> item_inputs_;
  std::vector<Source> request_inputs_;
};

}  // namespace rankloop::ml
