// A network bound to a catalog: the items' half of the first layer computed once.
#include <utility>
#include <vector>

#include "ml/families/mlp/block_kernel.h"
#include "ml/families/mlp/input_plan.h"
#include "ml/families/mlp/mlp_model.h"
#include "ml/item_halves.h"

namespace rankloop::ml {
namespace {

// The item half of a chunk.
using ChunkHalf = std::vector<HiddenBlock>;

class MlpScorer final : public CatalogScorer {
 public:
  MlpScorer(std::shared_ptr<const Network> network, std::shared_ptr<const Catalog> catalog,
            const MlpScorer* earlier, std::size_t memory)
      : network_(std::move(network)),
        catalog_(std::move(catalog)),
        plan_(*network_, *catalog_),
        halves_(
            catalog_, earlier != nullptr && earlier->network_ == network_ ? &earlier->halves_ : nullptr,
            memory, [](std::size_t rows) { return blocks_of(rows) * sizeof(HiddenBlock); },
            [&](const CatalogChunk& chunk) { return compute_half(chunk); }) {}

  const Catalog& catalog() const override { return *catalog_; }

  void score_all(const Query& query, std::uint64_t /*seed*/, ScoreSink& sink) const override {
    score_every_block(*catalog_, sink, Pass(*this, query));
  }

  void score_rows(const Query& query, std::uint64_t /*seed*/, std::span<const std::uint32_t> rows,
                  std::span<float> scores) const override {
    score_blocks_of(rows, scores, Pass(*this, query));
  }

  std::size_t resident_bytes() const override { return halves_.resident_bytes(); }
  const ItemHalves<ChunkHalf>& halves() const { return halves_; }

 private:
  // What one request needs while its blocks are scored.
  class Pass {
   public:
    Pass(const MlpScorer& scorer, const Query& query)
        : scorer_(scorer), terms_(scorer.plan_.request_terms(query)) {}

    void operator()(std::size_t chunk, std::size_t block, float* scores) {
      const CatalogChunk& columns = *scorer_.catalog_->chunks()[chunk];
      const std::size_t first = block * kBlockRows;
      const ChunkHalf* kept = scorer_.halves_.of(chunk);
      const HiddenBlock* half = kept != nullptr ? &(*kept)[block] : &on_the_fly_;
      if (kept == nullptr) {
        scorer_.plan_.item_half(scorer_.kernel_, columns, first, item_scratch_, on_the_fly_);
      }
      if (!terms_.pairs.empty()) {
        if (half != &on_the_fly_) on_the_fly_ = *half;
        half = &on_the_fly_;
        scorer_.plan_.add_pairs(terms_, columns, first, on_the_fly_);
      }
      scorer_.kernel_.score(*half, terms_.sums.data(),
                            scorer_.plan_.cross_terms(terms_, columns, first, cross_scratch_),
                            *scorer_.network_, scores);
    }

   private:
    const MlpScorer& scorer_;
    RequestTerms terms_;
    std::vector<float> item_scratch_;
    std::vector<float> cross_scratch_;
    HiddenBlock on_the_fly_;
  };

  std::shared_ptr<const ChunkHalf> compute_half(const CatalogChunk& chunk) const {
    auto half = std::make_shared<ChunkHalf>(blocks_of(chunk.rows));
    std::vector<float> scratch;
    for (std::size_t b = 0; b < half->size(); ++b)
      plan_.item_half(kernel_, chunk, b * kBlockRows, scratch, (*half)[b]);
    return half;
  }

  const BlockKernel& kernel_ = best_kernel();
  std::shared_ptr<const Network> network_;
  std::shared_ptr<const Catalog> catalog_;
  InputPlan plan_;
  ItemHalves<ChunkHalf> halves_;
};

}  // namespace

std::shared_ptr<const CatalogScorer> bind_network(std::shared_ptr<const Network> network,
                                                  std::shared_ptr<const Catalog> catalog,
                                                  const CatalogScorer* previous, std::size_t memory) {
  return std::make_shared<const MlpScorer>(std::move(network), std::move(catalog),
                                           dynamic_cast<const MlpScorer*>(previous), memory);
}

std::size_t shared_halves(const CatalogScorer& earlier, const CatalogScorer& later) {
  return dynamic_cast<const MlpScorer&>(earlier).halves().shared_with(
      dynamic_cast<const MlpScorer&>(later).halves());
}

}  // namespace rankloop::ml
