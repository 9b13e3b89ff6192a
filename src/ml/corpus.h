// What BM25 knows of the texts of all items: how many there are, how long they are, and how many have a word.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "domain/numbered_texts.h"
#include "domain/schema.h"

namespace rankloop::ml {

class Catalog;

// Of one text of the items that have it.
struct Corpus {
  std::size_t texts = 0;
  std::size_t words = 0;  // of all of them together
  std::function<std::size_t(std::string_view word)> texts_with;
};

// By the text's number in the items' schema.
using Corpora = std::function<Corpus(std::size_t text)>;

// Of the live items of a catalog, which it keeps what it needs of; the dictionary must outlive it.
Corpora corpora_of(const Catalog& catalog);

// Texts that are counted one by one. Not thread-safe.
class CountedTexts {
 public:
  explicit CountedTexts(std::size_t texts) : counts_(texts) {}
  void add(std::span<const Words> texts);  // of an item
  Corpora corpora() const;                 // of what was counted so far; refers to it

 private:
  struct Counts {
    std::size_t texts = 0;
    std::size_t words = 0;
    NumberedTexts different;        // words
    std::vector<std::size_t> with;  // by number - 1: texts that have the word
  };
  std::vector<Counts> counts_;
};

}  // namespace rankloop::ml
