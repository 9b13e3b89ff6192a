// Crosses of more than one number of each side: of words, of texts, of vectors, of places. What is asked is
// prepared once a request; what is offered is read where it lies, in a row of the catalog or in an item's own
// values.
//
// A match is BM25 (Robertson, Walker, Jones, Hancock-Beaulieu and Gatford, "Okapi at TREC-3", 1994; the idf
// is Lucene's, which is never below 0): the sum over the different words of the request of
//   ln(1 + (N - n + 0.5) / (n + 0.5)) x f (k1 + 1) / (f + k1 (1 - b + b L / M))
// where N items have the text, n of them the word, f is how often it stands in the item's, L how many words
// that has, M the mean of that over the N.
//
// Sources: Jaccard (1912) for the overlap of sets; Sinnott, "Virtues of the Haversine" (1984) for distances.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "domain/domain.h"
#include "ml/catalog.h"
#include "ml/code_set.h"
#include "ml/corpus.h"
#include "ml/query.h"
#include "ml/vector_sums.h"

namespace rankloop::ml {

inline bool is_compound(CrossOp op) {
  return is_of_words(op) || is_of_vectors(op) || is_of_texts(op) || op == CrossOp::kHistory;
}

// Immutable; thread-safe. Refers to the dictionaries of the catalog, which must outlive it.
class CompoundCross {
 public:
  // `layout`: any snapshot of the catalog that the items' values are picked by.
  CompoundCross(const Cross& cross, const Catalog& layout);

  // The request's side. Belongs to one thread.
  struct Asked {
    bool absent = true;
    CodeSet codes;                    // of the words that the dictionary knows
    std::vector<std::int32_t> words;  // likewise of a text: each once, ascending
    std::vector<float> weights;       // of a match: what its words weigh, idf x (k1 + 1)
    float always = 0;                 // of a match: k1 (1 - b)
    float per_word = 0;               // of a match: k1 b / M
    std::size_t count = 0;            // how many words there are, with those that it does not know
    std::vector<float> numbers;       // of a vector; of a place, in radians
    float length = 0;                 // of a vector
    // Of a text: the chunk that was met last, and the values of all of its rows.
    mutable const CatalogChunk* chunk = nullptr;
    mutable std::vector<float> of_chunk;
    const Past* past = nullptr;  // of a history
    float known =
        std::numeric_limits<float>::quiet_NaN();  // likewise: of the one item that value() is asked of
  };
  Asked asked(const Query& request) const { return asked(request, corpora_); }
  // With what another catalog, or the same at another time, knew of its texts.
  Asked asked(const Query& request, const Corpora& corpora) const;

  const Cross& cross() const { return cross_; }

  // NaN where one side is absent.
  float value(const Asked& asked, const ItemValues& item) const;
  // Of the rows [first, first + values.size()) of a chunk.
  void fill(const Asked& asked, const CatalogChunk& chunk, std::size_t first, std::span<float> values) const;

 private:
  Asked asked_words(const Words& words) const;
  Asked asked_text(const Words& words, const Corpora& corpora) const;
  float of_words(const Asked& asked, std::span<const std::int32_t> item) const;
  float of_word(const Asked& asked, std::size_t word, std::size_t times, std::size_t words) const;
  float of_text(const Asked& asked, float sum) const;
  float of_text(const Asked& asked, std::span<const std::int32_t> item) const;
  void match(const Asked& asked, const CatalogChunk& chunk) const;
  float of_sums(const Asked& asked, float terms, float squares) const;
  void fill_vectors(const Asked& asked, const CatalogChunk& chunk, std::size_t first,
                    std::span<float> values) const;

  const Cross cross_;
  const Dictionary& dictionary_;        // of words, or of texts' words
  Corpora corpora_;                     // of texts
  std::vector<std::size_t> positions_;  // of the item's numbers in the catalog, or of its words or text
  const SumVectors sum_vectors_ = best_vector_sums();
};

}  // namespace rankloop::ml
