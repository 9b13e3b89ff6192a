// A linear model bound to a catalog: the items' halves computed once.
#include <algorithm>
#include <utility>
#include <vector>

#include "ml/families/logistic/linear_plan.h"
#include "ml/families/logistic/logistic_model.h"
#include "ml/families/mlp/sigmoid.h"
#include "ml/item_halves.h"

namespace rankloop::ml {
namespace {

// The sum of a chunk's item features for each of its rows, whole blocks.
using ChunkSums = std::vector<float>;

class LogisticScorer final : public CatalogScorer {
 public:
  LogisticScorer(std::shared_ptr<const Linear> linear, std::shared_ptr<const Catalog> catalog,
                 const LogisticScorer* earlier, std::size_t memory)
      : linear_(std::move(linear)),
        catalog_(std::move(catalog)),
        plan_(*linear_, *catalog_),
        halves_(
            catalog_, earlier != nullptr && earlier->linear_ == linear_ ? &earlier->halves_ : nullptr, memory,
            [](std::size_t rows) { return blocks_of(rows) * kBlockRows * sizeof(float); },
            [&](const CatalogChunk& chunk) { return compute_half(chunk); }) {}

  const Catalog& catalog() const override { return *catalog_; }

  void score_all(const Query& query, std::uint64_t /*seed*/, ScoreSink& sink) const override {
    const LinearRequest terms = plan_.request(query);
    score_every_block(*catalog_, sink, [&](std::size_t chunk, std::size_t block, float* scores) {
      score_block(terms, chunk, block, scores);
    });
  }

  void score_rows(const Query& query, std::uint64_t /*seed*/, std::span<const std::uint32_t> rows,
                  std::span<float> scores) const override {
    const LinearRequest terms = plan_.request(query);
    score_blocks_of(rows, scores, [&](std::size_t chunk, std::size_t block, float* block_scores) {
      score_block(terms, chunk, block, block_scores);
    });
  }

  std::size_t resident_bytes() const override { return halves_.resident_bytes(); }
  const ItemHalves<ChunkSums>& halves() const { return halves_; }

 private:
  void score_block(const LinearRequest& request, std::size_t chunk, std::size_t block, float* scores) const {
    const CatalogChunk& columns = *catalog_->chunks()[chunk];
    const std::size_t first = block * kBlockRows;
    if (const ChunkSums* half = halves_.of(chunk)) {
      std::copy_n(half->data() + first, kBlockRows, scores);
    } else {
      plan_.item_half(columns, first, scores);
    }
    plan_.add_crosses(request, columns, first, scores);
    for (std::size_t lane = 0; lane < kBlockRows; lane += kLanes) {
      Lanes sums;
      load(sums, scores + lane);
      sums += request.sum;
      sigmoid(sums);
      store(sums, scores + lane);
    }
  }

  std::shared_ptr<const ChunkSums> compute_half(const CatalogChunk& chunk) const {
    auto half = std::make_shared<ChunkSums>(blocks_of(chunk.rows) * kBlockRows);
    for (std::size_t first = 0; first < half->size(); first += kBlockRows) {
      plan_.item_half(chunk, first, half->data() + first);
    }
    return half;
  }

  std::shared_ptr<const Linear> linear_;
  std::shared_ptr<const Catalog> catalog_;
  LinearPlan plan_;
  ItemHalves<ChunkSums> halves_;
};

}  // namespace

std::shared_ptr<const CatalogScorer> bind_linear(std::shared_ptr<const Linear> linear,
                                                 std::shared_ptr<const Catalog> catalog,
                                                 const CatalogScorer* previous, std::size_t memory) {
  return std::make_shared<const LogisticScorer>(std::move(linear), std::move(catalog),
                                                dynamic_cast<const LogisticScorer*>(previous), memory);
}

std::size_t shared_linear_halves(const CatalogScorer& earlier, const CatalogScorer& later) {
  return dynamic_cast<const LogisticScorer&>(earlier).halves().shared_with(
      dynamic_cast<const LogisticScorer&>(later).halves());
}

}  // namespace rankloop::ml
