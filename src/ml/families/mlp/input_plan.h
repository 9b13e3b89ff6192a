// Where the inputs of a network come from in a domain and a catalog, sorted by what they depend on: the item
// alone, the request alone, or both (crosses).
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "domain/domain.h"
#include "ml/catalog.h"
#include "ml/compound_cross.h"
#include "ml/families/mlp/block_kernel.h"
#include "ml/families/mlp/network.h"
#include "ml/word_plan.h"

namespace rankloop::ml {

// The request half of the first layer and, for crosses, weights that hold for this request only.
struct RequestTerms {
  std::array<float, kHidden> sums{};
  std::vector<float> cross_weights;   // [products, others, compounds, corrections][kHidden]
  std::vector<float> other_operands;  // the request's side of each other cross
  std::vector<CompoundCross::Asked> compounds;
  std::vector<AskedPairs> pairs;
};

// Immutable after construction; thread-safe. Refers to the network, which must outlive it.
class InputPlan {
 public:
  InputPlan(const Network& network, const Catalog& catalog);

  RequestTerms request_terms(const Query& query) const;

  std::size_t item_inputs() const { return item_inputs_.size(); }
  // The item half of 24 rows of a chunk, from `first` on, bias included. `scratch`: item_inputs() *
  // kBlockRows.
  void item_half(const BlockKernel& kernel, const CatalogChunk& chunk, std::size_t first,
                 std::vector<float>& scratch, HiddenBlock& out) const;

  // Adds the pairs of 24 rows of a chunk to what their items' half is.
  void add_pairs(const RequestTerms& terms, const CatalogChunk& chunk, std::size_t first,
                 HiddenBlock& out) const;

  // The crosses of 24 rows of a chunk; they point into `terms` and `scratch`.
  CrossTerms cross_terms(const RequestTerms& terms, const CatalogChunk& chunk, std::size_t first,
                         std::vector<float>& scratch) const;

 private:
  struct Source {
    NetworkInput input;
    std::size_t position = 0;        // of the column: in the catalog's item columns or in the request schema
    const float* weights = nullptr;  // [kHidden]
  };
  struct CrossSource {
    Cross cross;
    Source item;
  };
  struct CompoundSource {
    CompoundCross cross;
    NetworkInput input;
    const float* weights = nullptr;  // [kHidden]
  };
  // Products with the same item column fold into one weight per hidden unit once the request is known:
  // w * (request * item - minimum) * scale. The part without the item joins the request half; for an item
  // whose value is absent it is taken back by a correction.
  struct ProductGroup {
    std::size_t position = 0;
    std::vector<CrossSource> products;
  };

  std::size_t inputs_of_pairs() const { return products_.size() + others_.size() + compounds_.size(); }
  void add_products(const ValuesView& request, RequestTerms& terms) const;

  const Network& network_;
  const WordPlan words_;
  std::vector<Source> item_inputs_;
  std::vector<float> item_weights_;  // [item inputs][kHidden]
  std::vector<Source> request_inputs_;
  std::vector<ProductGroup> products_;
  std::vector<CrossSource> others_;
  std::vector<CompoundSource> compounds_;
};

}  // namespace rankloop::ml
