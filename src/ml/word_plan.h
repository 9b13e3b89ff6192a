// Where the words of a bound model's vocabularies come from: the request, or the items of a catalog.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ml/catalog.h"
#include "ml/vocabulary.h"

namespace rankloop::ml {

// Immutable after construction; thread-safe. Refers to the vocabularies, which must outlive it.
class WordPlan {
 public:
  WordPlan(const Vocabularies& vocabularies, const Catalog& catalog);

  bool any_of_items() const { return !items_.empty(); }
  std::vector<std::uint32_t> places_of(const ValuesView& request) const;
  // Calls take(row, place) for every place of the rows [first, last) of a chunk of the catalog.
  template <class Take>
  void each_place(const CatalogChunk& chunk, std::size_t first, std::size_t last, Take take) const {
    std::vector<std::uint32_t> places;
    for (std::size_t row = first; row < last; ++row) {
      places.clear();
      for (const Source& source : items_) {
        translation_.append(source.column, chunk.codes[source.word].at(row), places);
      }
      for (const std::uint32_t place : places) take(row, place);
    }
  }

 private:
  struct Source {
    std::size_t column = 0;  // of the vocabularies
    std::size_t word = 0;    // in the catalog's item words, or in the request schema's
  };

  const Vocabularies& vocabularies_;
  Vocabularies::Translation translation_;
  std::vector<Source> items_;
  std::vector<Source> requests_;
};

}  // namespace rankloop::ml
