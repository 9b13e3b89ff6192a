// Where the terms of a linear function come from in a domain and a catalog, sorted by what they depend on:
// the item alone, the request alone, or both (crosses).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "domain/domain.h"
#include "ml/catalog.h"
#include "ml/compound_cross.h"
#include "ml/families/logistic/linear.h"
#include "ml/word_plan.h"

namespace rankloop::ml {

// A cross once the request is known: what is left is a function of one item column.
struct CrossTerm {
  CrossOp op = CrossOp::kProduct;
  Comparison comparison = Comparison::kEqual;
  std::size_t position = 0;  // of the item's column in the catalog
  float operand = 0;         // the request's side; of folded products: the slope, weight x request
  float weight = 0;          // of folded products: not used, their slope holds it
  float mean = 0;            // of folded products: the offset, -weight x mean
  InputBounds bounds;
  double asked_days = 0;  // of moments: the request's, in days
  double item_unit = 1;   // likewise: the item's unit
  bool folded() const { return op == CrossOp::kProduct && !bounds.any(); }
  float of(float value) const { return weight * (bounds.bound(value) - mean); }
};

// A cross of words, vectors or places once the request is known. Refers to the plan.
struct CompoundTerm {
  const CompoundCross* cross = nullptr;
  CompoundCross::Asked asked;
  LinearInput input;
};

struct LinearRequest {
  float sum = 0;  // intercept and request features
  std::vector<CrossTerm> crosses;
  std::vector<CompoundTerm> compounds;
  std::vector<AskedPairs> pairs;
};

// Immutable after construction; thread-safe. Refers to the function, which must outlive it.
class LinearPlan {
 public:
  LinearPlan(const Linear& linear, const Catalog& catalog);

  LinearRequest request(const Query& query) const;

  // Sums of the item features of 24 rows of a chunk, from `first` on. Of the catalog's, or of a snapshot that
  // shares the chunk.
  void item_half(const CatalogChunk& chunk, std::size_t first, float* sums) const;
  // Adds the crosses of the same rows.
  void add_crosses(const LinearRequest& request, const CatalogChunk& chunk, std::size_t first,
                   float* sums) const;

 private:
  struct Source {
    LinearInput input;
    std::size_t position = 0;  // of the column: in the catalog's item columns or in the request schema
  };
  struct CrossSource {
    Cross cross;
    Source item;
  };
  struct CompoundSource {
    CompoundCross cross;
    LinearInput input;
  };

  const Linear& linear_;
  const WordPlan words_;
  std::vector<Source> item_inputs_;
  std::vector<Source> request_inputs_;
  std::vector<CrossSource> crosses_;  // products to be folded, those of one item column together; others
  std::vector<CompoundSource> compounds_;
};

}  // namespace rankloop::ml
