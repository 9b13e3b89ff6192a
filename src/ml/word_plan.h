// Where the words of a bound model's vocabularies come from: the request, the items of a catalog, or both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ml/catalog.h"
#include "ml/vocabulary.h"

namespace rankloop::ml {

// The pairs of one request's word with the words of items, as places of a vocabulary.
struct AskedPairs {
  std::size_t position = 0;  // of the item's words in the catalog
  std::int32_t first = 0;    // the code that places[0] belongs to
  std::vector<std::uint32_t> places;
  std::uint32_t unknown = 0;  // of other codes
  std::uint32_t absent = 0;

  std::uint32_t place(std::int32_t code) const {
    if (code == kAbsentCode) return absent;
    const auto at = static_cast<std::uint32_t>(code) - static_cast<std::uint32_t>(first);
    return at < places.size() ? places[at] : unknown;
  }
  std::uint32_t place(const CatalogChunk& chunk, std::size_t row) const {
    const auto codes = chunk.codes[position].at(row);
    return codes.empty() ? absent : place(codes.front());
  }
};

// Immutable after construction; thread-safe. Refers to the vocabularies and to the catalog's dictionary,
// which must outlive it.
class WordPlan {
 public:
  WordPlan(const Vocabularies& vocabularies, const Catalog& catalog);

  bool any_of_items() const { return !items_.empty(); }
  std::vector<std::uint32_t> places_of(const ValuesView& request) const;
  std::vector<AskedPairs> pairs_of(const ValuesView& request) const;
  // Calls take(row, places) for the rows [first, last) of a chunk of the catalog; places are in the order of
  // their columns.
  template <class Take>
  void each_row(const CatalogChunk& chunk, std::size_t first, std::size_t last, Take take) const {
    std::vector<std::uint32_t> places;
    for (std::size_t row = first; row < last; ++row) {
      places.clear();
      for (const Source& source : items_) {
        translation_.append(source.column, chunk.codes[source.word].at(row), places);
      }
      take(row, std::span<const std::uint32_t>{places});
    }
  }
  // Calls take(row, place) for each of them.
  template <class Take>
  void each_place(const CatalogChunk& chunk, std::size_t first, std::size_t last, Take take) const {
    each_row(chunk, first, last, [&](std::size_t row, std::span<const std::uint32_t> places) {
      for (const std::uint32_t place : places) take(row, place);
    });
  }

 private:
  struct Source {
    std::size_t column = 0;  // of the vocabularies
    std::size_t word = 0;    // in the catalog's item words, or in the request schema's
  };

  struct PairSource {
    std::size_t column = 0;
    std::size_t request = 0;  // in the request schema's words
    std::size_t item = 0;     // in the catalog's item words
  };
  AskedPairs pairs_of(const PairSource& source, const Words& request) const;

  const Vocabularies& vocabularies_;
  const Dictionary& dictionary_;
  Vocabularies::Translation translation_;
  std::vector<Source> items_;
  std::vector<Source> requests_;
  std::vector<PairSource> pairs_;
};

}  // namespace rankloop::ml
