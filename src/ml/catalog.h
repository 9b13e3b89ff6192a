// The catalog in memory: one immutable snapshot per catalog version, as aligned columns in chunks: float32
// for numbers, codes for words.
//
// A snapshot is shared (shared_ptr<const Catalog>) and safe to read from any thread. Changing it makes a new
// snapshot that shares every untouched chunk (copy-on-write), so one changed item costs one chunk. Rows keep
// their place for the life of an item; a deleted item's row stays as a hole that is never ranked.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "domain/domain.h"
#include "domain/ids.h"
#include "ml/code_column.h"
#include "ml/dictionary.h"
#include "ml/postings.h"

namespace rankloop::ml {

// Items are scored in blocks of 24 in structure-of-arrays order: three AVX2 registers of hidden activations
// beside the accumulators (twice as fast as row-major in a 64-16-1 network).
inline constexpr std::size_t kBlockRows = 24;
inline constexpr std::size_t kChunkRows = 128 * kBlockRows;  // 3,072

struct CatalogChunk {
  std::size_t rows = 0;                // used rows; the values of the others are zero
  std::vector<ItemId> ids;             // [rows]
  std::vector<std::int64_t> versions;  // [rows]: the catalog version since which this row's values hold
  std::vector<std::uint8_t> live;      // [rows]: 0: deleted
  std::vector<std::int64_t> since;     // [rows], as ItemValues::since; empty: no history asks for it
  std::vector<float> values;           // [item column][kChunkRows]; NaN: absent
  std::vector<CodeColumn> codes;       // [item word], each of [rows]: codes of the catalog's dictionary
  std::vector<CodeColumn> texts;       // [item text], likewise of its dictionary of texts' words
  std::vector<CodeColumn> lists;       // [item list], of the dictionary; none: nothing was given
  std::vector<std::shared_ptr<const Postings>> word_postings;  // [item word]; null: no rule asks for it
  std::vector<std::shared_ptr<const Postings>> text_postings;  // [item text]
  std::span<const float> column(std::size_t c) const {
    return std::span{values}.subspan(c * kChunkRows, kChunkRows);
  }
};

inline constexpr std::int64_t kUnknownSince = std::numeric_limits<std::int64_t>::min();

// What a catalog holds of an item.
struct ItemValues {
  std::vector<float> numbers;                    // per Catalog::item_columns()
  std::vector<std::vector<std::int32_t>> codes;  // per Catalog::item_words(), ascending
  std::vector<std::vector<std::int32_t>> texts;  // per Catalog::item_texts(): of every word, ascending
  // Per Catalog::item_lists(): the first kMostHistoryWords, in the order of the list.
  std::vector<std::vector<std::int32_t>> lists{};
  // Since when the item has been in the catalog, in milliseconds since 1970.
  std::int64_t since = kUnknownSince;
};

struct ItemChange {
  ItemId id;
  std::int64_t version = 0;          // the catalog version that brings this change
  std::optional<ItemValues> values;  // empty: the item is deleted
};

class Catalog {
 public:
  // An empty catalog at version 0 of a domain.
  static std::shared_ptr<const Catalog> empty(std::shared_ptr<const Domain> domain);
  // Likewise, for rows to be ranked beside those of `whole`, whose texts are the ones that are counted.
  static std::shared_ptr<const Catalog> empty_beside(std::shared_ptr<const Catalog> whole);

  // A new snapshot at `version` with the changes applied in order (a new id appends a row; a known one, even
  // a deleted one, rewrites its own; deleting an unknown id does nothing). Large imports are kept small by
  // giving them in portions.
  std::shared_ptr<const Catalog> with(std::int64_t version, std::span<const ItemChange> changes) const;

  const Domain& domain() const { return *domain_; }
  const std::shared_ptr<const Domain>& shared_domain() const { return domain_; }
  std::int64_t version() const { return version_; }
  std::size_t live_items() const { return live_items_; }
  std::size_t rows() const { return rows_; }  // with holes
  std::span<const std::shared_ptr<const CatalogChunk>> chunks() const { return chunks_; }

  // The item's numbers that features, crosses, rules and wishes use: indexes into
  // domain().candidates.columns(), ascending.
  std::span<const std::size_t> item_columns() const { return layout_->columns; }
  // Its words that these use: indexes into domain().candidates.words(),
  // ascending.
  std::span<const std::size_t> item_words() const { return layout_->words; }
  // Its texts that crosses match: indexes into domain().candidates.texts(), ascending.
  std::span<const std::size_t> item_texts() const { return layout_->texts; }
  // Its lists of words of which histories are: indexes into domain().candidates.words(), ascending.
  std::span<const std::size_t> item_lists() const { return layout_->lists; }
  // Position in item_columns() of a column of these.
  std::size_t position_of(std::size_t schema_column) const;
  // Likewise in item_words().
  std::size_t word_position_of(std::size_t schema_word) const;
  // Likewise in item_texts().
  std::size_t text_position_of(std::size_t schema_text) const;
  // Likewise in item_lists().
  std::size_t list_position_of(std::size_t schema_word) const;
  // The catalog whose texts are counted: itself, unless it stands beside another.
  const Catalog& counted() const { return beside_ == nullptr ? *this : *beside_; }
  // What is held of a checked record; numbers beyond float's range are clamped, new words get codes. `since`:
  // when the item came, as far as anybody knows.
  ItemValues pick(const ValuesView& item, std::optional<WallTime> since = std::nullopt) const;
  // Of the words of all items that this snapshot and those before and after it ever had.
  Dictionary& dictionary() const { return *dictionary_; }
  const std::shared_ptr<Dictionary>& shared_dictionary() const { return dictionary_; }
  // Likewise of the words of their texts: they are many, so they have numbers of their own.
  Dictionary& text_dictionary() const { return *text_dictionary_; }
  const std::shared_ptr<Dictionary>& shared_text_dictionary() const { return text_dictionary_; }

  // The row of a live item. O(log n).
  std::optional<std::uint32_t> find(ItemId id) const;
  ItemId id_at(std::uint32_t row) const { return chunks_[row / kChunkRows]->ids[row % kChunkRows]; }
  std::int64_t version_at(std::uint32_t row) const {
    return chunks_[row / kChunkRows]->versions[row % kChunkRows];
  }
  // Live ids in ascending order, from the first id after `after`, at most `limit`.
  std::vector<ItemId> ids_after(ItemId after, std::size_t limit) const;

 private:
  class Editor;  // applies changes to a copy; see catalog.cpp

  struct Layout {
    std::vector<std::size_t> columns;
    std::vector<std::size_t> words;
    std::vector<std::size_t> texts;
    std::vector<std::size_t> lists;
    bool ages = false;                 // whether histories ask since when items have been there
    std::vector<std::size_t> indexed;  // positions in `words`: those that rules ask for
  };
  static Layout layout_of(const Domain& domain);

  std::uint32_t lower_bound(std::span<const std::uint32_t> sorted_rows, ItemId id) const;
  std::optional<std::uint32_t> row_of(ItemId id) const;  // of a live or deleted item

  std::shared_ptr<const Domain> domain_;
  std::shared_ptr<const Layout> layout_;
  std::shared_ptr<Dictionary> dictionary_;
  std::shared_ptr<Dictionary> text_dictionary_;
  std::shared_ptr<const Catalog> beside_;  // null: it stands for itself
  std::int64_t version_ = 0;
  std::size_t live_items_ = 0;
  std::size_t rows_ = 0;
  std::vector<std::shared_ptr<const CatalogChunk>> chunks_;
  // Every row, ordered by its item's id: a large base that snapshots share and a small sorted overlay of what
  // was appended since, merged when it grows. Four bytes an item; the ids themselves stand in the chunks.
  std::shared_ptr<const std::vector<std::uint32_t>> base_;
  std::vector<std::uint32_t> overlay_;
};

}  // namespace rankloop::ml
