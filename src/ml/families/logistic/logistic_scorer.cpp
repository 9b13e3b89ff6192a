// A linear model bound to a catalog: the items' halves computed once.
#include <algorithm>
#include <array>
#include <utility>

#include "ml/families/logistic/linear_plan.h"
#include "ml/families/logistic/logistic_model.h"
#include "ml/families/mlp/sigmoid.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t blocks_of(std::size_t rows) {
  return (rows + kBlockRows - 1) / kBlockRows;
}

// The sum of a chunk's item features for each of its rows, whole blocks. Never changed once computed, so
// later snapshots share it.
using ChunkSums = std::vector<float>;

class LogisticScorer final : public CatalogScorer {
 public:
  LogisticScorer(std::shared_ptr<const Linear> linear, std::shared_ptr<const Catalog> catalog,
                 const CatalogScorer* previous, std::size_t memory)
      : linear_(std::move(linear)),
        catalog_(std::move(catalog)),
        plan_(*linear_, *catalog_),
        halves_(catalog_->chunks().size()) {
    const auto* earlier = dynamic_cast<const LogisticScorer*>(previous);
    if (earlier != nullptr && earlier->linear_ != linear_) earlier = nullptr;
    const auto chunks = catalog_->chunks();
    for (std::size_t c = 0; c < chunks.size(); ++c) {
      const std::size_t bytes = blocks_of(chunks[c]->rows) * kBlockRows * sizeof(float);
      if (resident_ + bytes > memory) break;
      resident_ += bytes;
      const bool shared = earlier != nullptr && c < earlier->halves_.size() &&
                          earlier->halves_[c] != nullptr && earlier->catalog_->chunks()[c] == chunks[c];
      halves_[c] = shared ? earlier->halves_[c] : compute_half(*chunks[c]);
    }
  }

  const Catalog& catalog() const override { return *catalog_; }

  void score_all(const Query& query, std::uint64_t /*seed*/, ScoreSink& sink) const override {
    const LinearRequest terms = plan_.request(query.values);
    std::array<float, kChunkRows> scores;
    const auto chunks = catalog_->chunks();
    for (std::size_t c = 0; c < chunks.size(); ++c) {
      const std::size_t rows = chunks[c]->rows;
      for (std::size_t b = 0; b < blocks_of(rows); ++b) {
        score_block(terms, c, b, scores.data() + b * kBlockRows);
      }
      sink.take(static_cast<std::uint32_t>(c * kChunkRows), std::span<const float>(scores).first(rows));
    }
  }

  // In whole blocks, so that a row's score has the same bits as in score_all().
  void score_rows(const Query& query, std::uint64_t /*seed*/, std::span<const std::uint32_t> rows,
                  std::span<float> scores) const override {
    const LinearRequest terms = plan_.request(query.values);
    std::array<float, kBlockRows> block_scores{};
    std::size_t in_hand = SIZE_MAX;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::size_t block = rows[i] / kBlockRows;  // over all chunks: a chunk holds whole blocks
      if (block != in_hand) {
        score_block(terms, rows[i] / kChunkRows, rows[i] % kChunkRows / kBlockRows, block_scores.data());
        in_hand = block;
      }
      scores[i] = block_scores[rows[i] % kBlockRows];
    }
  }

  std::size_t resident_bytes() const override { return resident_; }
  std::span<const std::shared_ptr<const ChunkSums>> halves() const { return halves_; }

 private:
  void score_block(const LinearRequest& request, std::size_t chunk, std::size_t block, float* scores) const {
    const CatalogChunk& columns = *catalog_->chunks()[chunk];
    const std::size_t first = block * kBlockRows;
    if (const ChunkSums* half = halves_[chunk].get()) {
      std::copy_n(half->data() + first, kBlockRows, scores);
    } else {
      plan_.item_half(columns, first, scores);
    }
    LinearPlan::add_crosses(request, columns, first, scores);
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
  std::vector<std::shared_ptr<const ChunkSums>> halves_;  // by chunk; null: computed on the fly
  std::size_t resident_ = 0;
};

}  // namespace

std::shared_ptr<const CatalogScorer> bind_linear(std::shared_ptr<const Linear> linear,
                                                 std::shared_ptr<const Catalog> catalog,
                                                 const CatalogScorer* previous, std::size_t memory) {
  return std::make_shared<const LogisticScorer>(std::move(linear), std::move(catalog), previous, memory);
}

std::size_t shared_linear_halves(const CatalogScorer& earlier, const CatalogScorer& later) {
  const auto a = dynamic_cast<const LogisticScorer&>(earlier).halves();
  const auto b = dynamic_cast<const LogisticScorer&>(later).halves();
  std::size_t shared = 0;
  for (std::size_t c = 0; c < std::min(a.size(), b.size()); ++c) {
    if (a[c] != nullptr && a[c] == b[c]) ++shared;
  }
  return shared;
}

}  // namespace rankloop::ml
