// Crosses of more than one number of each side: of words, of vectors, of places. What is asked is prepared
// once a request; what is offered is read where it lies, in a row of the catalog or in an item's own values.
//
// Sources: Jaccard (1912) for the overlap of sets; Sinnott, "Virtues of the Haversine" (1984) for distances.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "domain/domain.h"
#include "ml/catalog.h"

namespace rankloop::ml {

inline bool is_compound(CrossOp op) {
  return is_of_words(op) || is_of_vectors(op);
}

// Immutable; thread-safe. Refers to the dictionary of the catalog, which must outlive it.
class CompoundCross {
 public:
  // `layout`: any snapshot of the catalog that the items' values are picked by.
  CompoundCross(const Cross& cross, const Catalog& layout);

  // The request's side.
  struct Asked {
    bool absent = true;
    std::vector<std::int32_t> codes;  // of the words that the dictionary knows, ascending
    std::size_t words = 0;            // how many there are, with those that it does not know
    std::vector<float> numbers;       // of a vector; of a place, in radians
    float length = 0;                 // of a vector
  };
  Asked asked(const ValuesView& request) const;

  // NaN where one side is absent.
  float value(const Asked& asked, const ItemValues& item) const;
  // Of the rows [first, first + values.size()) of a chunk.
  void fill(const Asked& asked, const CatalogChunk& chunk, std::size_t first, std::span<float> values) const;

 private:
  float of_words(const Asked& asked, std::span<const std::int32_t> item) const;
  // Over the numbers of two vectors.
  struct Sums {
    float dot = 0;
    float squares = 0;  // of the item's
    float apart = 0;    // of the differences
    void add(float asked, float item) {
      dot += asked * item;
      squares += item * item;
      apart += (asked - item) * (asked - item);
    }
  };
  float of_sums(const Asked& asked, const Sums& sums) const;
  void fill_vectors(const Asked& asked, const CatalogChunk& chunk, std::size_t first,
                    std::span<float> values) const;

  const Cross cross_;
  const Dictionary& dictionary_;
  std::vector<std::size_t> positions_;  // of the item's numbers in the catalog, or of its words
};

}  // namespace rankloop::ml
