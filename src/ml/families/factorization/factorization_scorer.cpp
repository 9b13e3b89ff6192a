// A factorisation bound to a catalog: the items' halves computed once.
#include <algorithm>
#include <array>
#include <utility>

#include "ml/families/factorization/factor_plan.h"
#include "ml/families/factorization/factorization_model.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t blocks_of(std::size_t rows) {
  return (rows + kBlockRows - 1) / kBlockRows;
}

// The half of each of a chunk's blocks. Never changed once computed, so later snapshots share it.
using ChunkHalf = std::vector<float>;

class FactorizationScorer final : public CatalogScorer {
 public:
  FactorizationScorer(std::shared_ptr<const Factorisation> of, std::shared_ptr<const Catalog> catalog,
                      const CatalogScorer* previous, std::size_t memory)
      : of_(std::move(of)),
        catalog_(std::move(catalog)),
        plan_(*of_, *catalog_),
        halves_(catalog_->chunks().size()) {
    const auto* earlier = dynamic_cast<const FactorizationScorer*>(previous);
    if (earlier != nullptr && earlier->of_ != of_) earlier = nullptr;
    const auto chunks = catalog_->chunks();
    for (std::size_t c = 0; c < chunks.size(); ++c) {
      const std::size_t bytes = blocks_of(chunks[c]->rows) * plan_.half_size() * sizeof(float);
      if (resident_ + bytes > memory) break;
      resident_ += bytes;
      const bool shared = earlier != nullptr && c < earlier->halves_.size() &&
                          earlier->halves_[c] != nullptr && earlier->catalog_->chunks()[c] == chunks[c];
      halves_[c] = shared ? earlier->halves_[c] : compute_half(*chunks[c]);
    }
  }

  const Catalog& catalog() const override { return *catalog_; }

  void score_all(const Query& query, std::uint64_t /*seed*/, ScoreSink& sink) const override {
    Pass pass(*this, query);
    std::array<float, kChunkRows> scores;
    const auto chunks = catalog_->chunks();
    for (std::size_t c = 0; c < chunks.size(); ++c) {
      const std::size_t rows = chunks[c]->rows;
      for (std::size_t b = 0; b < blocks_of(rows); ++b)
        pass.score_block(c, b, scores.data() + b * kBlockRows);
      sink.take(static_cast<std::uint32_t>(c * kChunkRows), std::span<const float>(scores).first(rows));
    }
  }

  // In whole blocks: gathering the factors of single rows touches as many cache lines.
  void score_rows(const Query& query, std::uint64_t /*seed*/, std::span<const std::uint32_t> rows,
                  std::span<float> scores) const override {
    Pass pass(*this, query);
    std::array<float, kBlockRows> block_scores{};
    std::size_t in_hand = SIZE_MAX;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::size_t block = rows[i] / kBlockRows;  // over all chunks: a chunk holds whole blocks
      if (block != in_hand) {
        pass.score_block(rows[i] / kChunkRows, rows[i] % kChunkRows / kBlockRows, block_scores.data());
        in_hand = block;
      }
      scores[i] = block_scores[rows[i] % kBlockRows];
    }
  }

  std::size_t resident_bytes() const override { return resident_; }
  std::span<const std::shared_ptr<const ChunkHalf>> halves() const { return halves_; }

 private:
  // What one request needs while its blocks are scored.
  class Pass {
   public:
    Pass(const FactorizationScorer& scorer, const Query& query)
        : scorer_(scorer), request_(scorer.plan_.request(query)) {}

    void score_block(std::size_t chunk, std::size_t block, float* scores) {
      const CatalogChunk& columns = *scorer_.catalog_->chunks()[chunk];
      const std::size_t first = block * kBlockRows;
      const float* half = nullptr;
      if (const ChunkHalf* kept = scorer_.halves_[chunk].get()) {
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
    const FactorRequest request_;
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
  std::vector<std::shared_ptr<const ChunkHalf>> halves_;  // by chunk; null: computed on the fly
  std::size_t resident_ = 0;
};

}  // namespace

std::shared_ptr<const CatalogScorer> bind_factorisation(std::shared_ptr<const Factorisation> of,
                                                        std::shared_ptr<const Catalog> catalog,
                                                        const CatalogScorer* previous, std::size_t memory) {
  return std::make_shared<const FactorizationScorer>(std::move(of), std::move(catalog), previous, memory);
}

std::size_t shared_factor_halves(const CatalogScorer& earlier, const CatalogScorer& later) {
  const auto a = dynamic_cast<const FactorizationScorer&>(earlier).halves();
  const auto b = dynamic_cast<const FactorizationScorer&>(later).halves();
  std::size_t shared = 0;
  for (std::size_t c = 0; c < std::min(a.size(), b.size()); ++c) {
    if (a[c] != nullptr && a[c] == b[c]) ++shared;
  }
  return shared;
}

}  // namespace rankloop::ml
