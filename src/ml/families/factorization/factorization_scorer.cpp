// A factorisation bound to a catalog: the items' halves computed once.
#include <utility>
#include <vector>

#include "ml/families/factorization/factor_plan.h"
#include "ml/families/factorization/factorization_model.h"
#include "ml/item_halves.h"

namespace rankloop::ml {
namespace {

// The half of each of a chunk's blocks.
using ChunkHalf = std::vector<float>;

class FactorizationScorer final : public CatalogScorer {
 public:
  FactorizationScorer(std::shared_ptr<const Factorisation> of, std::shared_ptr<const Catalog> catalog,
                      const FactorizationScorer* earlier, std::size_t memory)
      : of_(std::move(of)),
        catalog_(std::move(catalog)),
        plan_(*of_, *catalog_),
        halves_(
            catalog_, earlier != nullptr && earlier->of_ == of_ ? &earlier->halves_ : nullptr, memory,
            [&](std::size_t rows) { return blocks_of(rows) * plan_.half_size() * sizeof(float); },
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
    Pass(const FactorizationScorer& scorer, const Query& query)
        : scorer_(scorer), request_(scorer.plan_.request(query)) {}

    void operator()(std::size_t chunk, std::size_t block, float* scores) {
      const CatalogChunk& columns = *scorer_.catalog_->chunks()[chunk];
      const std::size_t first = block * kBlockRows;
      const float* half = nullptr;
      if (const ChunkHalf* kept = scorer_.halves_.of(chunk)) {
        half = kept->data() + block * scorer_.plan_.half_size();
      } else {
        on_the_fly_.resize(scorer_.plan_.half_size());
        scorer_.plan_.item_half(columns, first, on_the_fly_.data());
        half = on_the_fly_.data();
      }
      scorer_.plan_.score(request_, columns, first, half, scores);
    }

   private:
    const FactorizationScorer& scorer_;
    FactorRequest request_;
    std::vector<float> on_the_fly_;
  };

  std::shared_ptr<const ChunkHalf> compute_half(const CatalogChunk& chunk) const {
    const std::size_t blocks = blocks_of(chunk.rows);
    auto half = std::make_shared<ChunkHalf>(blocks * plan_.half_size());
    for (std::size_t b = 0; b < blocks; ++b)
      plan_.item_half(chunk, b * kBlockRows, half->data() + b * plan_.half_size());
    return half;
  }

  std::shared_ptr<const Factorisation> of_;
  std::shared_ptr<const Catalog> catalog_;
  FactorPlan plan_;
  ItemHalves<ChunkHalf> halves_;
};

}  // namespace

std::shared_ptr<const CatalogScorer> bind_factorisation(std::shared_ptr<const Factorisation> of,
                                                        std::shared_ptr<const Catalog> catalog,
                                                        const CatalogScorer* previous, std::size_t memory) {
  return std::make_shared<const FactorizationScorer>(
      std::move(of), std::move(catalog), dynamic_cast<const FactorizationScorer*>(previous), memory);
}

std::size_t shared_factor_halves(const CatalogScorer& earlier, const CatalogScorer& later) {
  return dynamic_cast<const FactorizationScorer&>(earlier).halves().shared_with(
      dynamic_cast<const FactorizationScorer&>(later).halves());
}

}  // namespace rankloop::ml
