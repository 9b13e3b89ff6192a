// A network bound to a catalog: the items' half of the first layer computed once.
#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "ml/families/mlp/block_kernel.h"
#include "ml/families/mlp/input_plan.h"
#include "ml/families/mlp/mlp_model.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t blocks_of(std::size_t rows) {
  return (rows + kBlockRows - 1) / kBlockRows;
}

// The item half of a chunk. Never changed once computed, so later snapshots share it.
using ChunkHalf = std::vector<HiddenBlock>;

class MlpScorer final : public CatalogScorer {
 public:
  MlpScorer(std::shared_ptr<const Network> network, std::shared_ptr<const Catalog> catalog,
            const CatalogScorer* previous, std::size_t memory)
      : network_(std::move(network)),
        catalog_(std::move(catalog)),
        plan_(*network_, *catalog_),
        halves_(catalog_->chunks().size()) {
    const auto* earlier = dynamic_cast<const MlpScorer*>(previous);
    if (earlier != nullptr && earlier->network_ != network_) earlier = nullptr;
    const auto chunks = catalog_->chunks();
    for (std::size_t c = 0; c < chunks.size(); ++c) {
      const std::size_t bytes = blocks_of(chunks[c]->rows) * sizeof(HiddenBlock);
      if (resident_ + bytes > memory) break;
      resident_ += bytes;
      const bool shared = earlier != nullptr && c < earlier->halves_.size() &&
                          earlier->halves_[c] != nullptr && earlier->catalog_->chunks()[c] == chunks[c];
      halves_[c] = shared ? earlier->halves_[c] : compute_half(*chunks[c]);
    }
  }

  const Catalog& catalog() const override { return *catalog_; }

  void score_all(const Query& query, std::uint64_t /*seed*/, ScoreSink& sink) const override {
    Pass pass(*this, query.values);
    alignas(64) std::array<float, kChunkRows> scores;
    const auto chunks = catalog_->chunks();
    for (std::size_t c = 0; c < chunks.size(); ++c) {
      const std::size_t rows = chunks[c]->rows;
      for (std::size_t b = 0; b < blocks_of(rows); ++b)
        pass.score_block(c, b, scores.data() + b * kBlockRows);
      sink.take(static_cast<std::uint32_t>(c * kChunkRows), std::span<const float>(scores).first(rows));
    }
  }

  // Whole blocks are scored even for one row: gathering the 64 sums of single rows touches as many cache
  // lines.
  void score_rows(const Query& query, std::uint64_t /*seed*/, std::span<const std::uint32_t> rows,
                  std::span<float> scores) const override {
    Pass pass(*this, query.values);
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
    Pass(const MlpScorer& scorer, const ValuesView& request)
        : scorer_(scorer), terms_(scorer.plan_.request_terms(request)) {}

    void score_block(std::size_t chunk, std::size_t block, float* scores) {
      const CatalogChunk& columns = *scorer_.catalog_->chunks()[chunk];
      const std::size_t first = block * kBlockRows;
      const ChunkHalf* half = scorer_.halves_[chunk].get();
      if (half == nullptr) {
        scorer_.plan_.item_half(scorer_.kernel_, columns, first, item_scratch_, on_the_fly_);
      }
      scorer_.kernel_.score(half != nullptr ? (*half)[block] : on_the_fly_, terms_.sums.data(),
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
  std::vector<std::shared_ptr<const ChunkHalf>> halves_;  // by chunk; null: computed on the fly
  std::size_t resident_ = 0;
};

}  // namespace

std::shared_ptr<const CatalogScorer> bind_network(std::shared_ptr<const Network> network,
                                                  std::shared_ptr<const Catalog> catalog,
                                                  const CatalogScorer* previous, std::size_t memory) {
  return std::make_shared<const MlpScorer>(std::move(network), std::move(catalog), previous, memory);
}

std::size_t shared_halves(const CatalogScorer& earlier, const CatalogScorer& later) {
  const auto a = dynamic_cast<const MlpScorer&>(earlier).halves();
  const auto b = dynamic_cast<const MlpScorer&>(later).halves();
  std::size_t shared = 0;
  for (std::size_t c = 0; c < std::min(a.size(), b.size()); ++c) {
    if (a[c] != nullptr && a[c] == b[c]) ++shared;
  }
  return shared;
}

}  // namespace rankloop::ml
