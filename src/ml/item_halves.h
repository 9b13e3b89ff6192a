// What a scorer keeps of a catalog: of each chunk the half of its work that depends on the items alone,
// within a bound of memory, shared by later snapshots that still have the chunk. And how blocks of rows are
// gone through.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "ml/catalog.h"
#include "ml/model.h"

namespace rankloop::ml {

constexpr std::size_t blocks_of(std::size_t rows) {
  return (rows + kBlockRows - 1) / kBlockRows;
}

// Immutable after construction; thread-safe. `Half` is what is kept of a chunk.
template <class Half>
class ItemHalves {
 public:
  // `earlier`, where there is one, is of the same model. bytes_of(rows): of a chunk's half;
  // compute(chunk): a shared_ptr<const Half>. Chunks beyond `memory` bytes have none.
  template <class BytesOf, class Compute>
  ItemHalves(std::shared_ptr<const Catalog> catalog, const ItemHalves* earlier, std::size_t memory,
             BytesOf bytes_of, Compute compute)
      : catalog_(std::move(catalog)), halves_(catalog_->chunks().size()) {
    const auto chunks = catalog_->chunks();
    for (std::size_t c = 0; c < chunks.size(); ++c) {
      const std::size_t bytes = bytes_of(chunks[c]->rows);
      if (resident_ + bytes > memory) break;
      resident_ += bytes;
      const bool shared =
          earlier != nullptr && earlier->of(c) != nullptr && earlier->catalog_->chunks()[c] == chunks[c];
      halves_[c] = shared ? earlier->halves_[c] : compute(*chunks[c]);
    }
  }

  // Null: to be computed on the fly.
  const Half* of(std::size_t chunk) const { return chunk < halves_.size() ? halves_[chunk].get() : nullptr; }
  std::size_t resident_bytes() const { return resident_; }  // shared ones count in full

  // How many are the very same as another's.
  std::size_t shared_with(const ItemHalves& other) const {
    std::size_t shared = 0;
    for (std::size_t c = 0; c < halves_.size(); ++c)
      shared += of(c) != nullptr && of(c) == other.of(c) ? 1 : 0;
    return shared;
  }

 private:
  std::shared_ptr<const Catalog> catalog_;
  std::vector<std::shared_ptr<const Half>> halves_;  // by chunk
  std::size_t resident_ = 0;
};

// Scores every row: score_block(chunk, block, scores) writes the scores [kBlockRows] of a block of a chunk.
template <class ScoreBlock>
void score_every_block(const Catalog& catalog, ScoreSink& sink, ScoreBlock score_block) {
  alignas(64) std::array<float, kChunkRows> scores;
  const auto chunks = catalog.chunks();
  for (std::size_t c = 0; c < chunks.size(); ++c) {
    const std::size_t rows = chunks[c]->rows;
    for (std::size_t b = 0; b < blocks_of(rows); ++b) score_block(c, b, scores.data() + b * kBlockRows);
    sink.take(static_cast<std::uint32_t>(c * kChunkRows), std::span<const float>(scores).first(rows));
  }
}

// Scores some rows, in whole blocks even for one: so a row's score has the same bits as above, and gathering
// what is kept of single rows touches as many cache lines.
template <class ScoreBlock>
void score_blocks_of(std::span<const std::uint32_t> rows, std::span<float> scores, ScoreBlock score_block) {
  alignas(64) std::array<float, kBlockRows> block_scores{};
  std::size_t in_hand = SIZE_MAX;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t block = rows[i] / kBlockRows;  // over all chunks: a chunk holds whole blocks
    if (block != in_hand) {
      score_block(rows[i] / kChunkRows, rows[i] % kChunkRows / kBlockRows, block_scores.data());
      in_hand = block;
    }
    scores[i] = block_scores[rows[i] % kBlockRows];
  }
}

}  // namespace rankloop::ml
