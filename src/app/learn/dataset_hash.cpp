// Hashes the parts of a dataset, column by column.
#include "app/learn/dataset_hash.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "app/sha256.h"

namespace rankloop::app {
namespace {

template <class T>
void add(Sha256& hash, const std::vector<T>& numbers) {
  hash.add(std::as_bytes(std::span(numbers)));
}

// By the texts: the numbers of words depend on what was read before.
void add_words(Sha256& hash, const ml::LabelledRows& rows) {
  for (const ml::CodeColumn& column : rows.codes) {
    for (std::size_t r = 0; r < column.rows(); ++r) {
      std::string text = std::to_string(column.at(r).size());
      for (const std::int32_t code : column.at(r)) {
        const bool absent = code == ml::kAbsentCode;
        const std::string_view word = absent ? std::string_view{} : rows.dictionary->word(code);
        text.append(absent ? "-" : std::to_string(word.size()) + ":").append(word);
      }
      hash.add(std::as_bytes(std::span(text)));
    }
  }
}

}  // namespace

std::string hash_of(const Dataset& dataset) {
  Sha256 hash;
  for (const DatasetPart* part : {&dataset.train, &dataset.validation, &dataset.test}) {
    add(hash, part->rows.values);
    add_words(hash, part->rows);
    add(hash, part->rows.labels);
    add(hash, part->rows.weights);
    add(hash, part->rows.requests);
    add(hash, part->rows.items);
    add(hash, part->rows.people);
    static_assert(sizeof(ml::ShownAs) == 24, "no byte of it is padding");
    add(hash, part->rows.shown);
    add(hash, part->randomised);
  }
  return hash.hex();
}

}  // namespace rankloop::app
