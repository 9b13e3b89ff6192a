// What the catalog knew of its items' texts at every version: what a match of then was computed with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "domain/ids.h"
#include "domain/schema.h"
#include "ml/corpus.h"

namespace rankloop::app {

// A count that changes from version to version.
class Timeline {
 public:
  void add(std::int64_t version, std::int64_t change) { changes_[version] += change; }
  // Sums up what was added; nothing more may be.
  void settle();
  std::size_t at(std::int64_t version) const;

 private:
  std::map<std::int64_t, std::int64_t> changes_;  // settled: the counts from a version on
};

// Filled with the words that requests ask for, then with the states of all items; then read. Takes memory for
// each version in which one of its counts changed. Reading is thread-safe.
class CorpusHistory {
 public:
  explicit CorpusHistory(std::size_t texts) : texts_(texts) {}

  // Words that will be asked for, of whichever text.
  void want(std::span<const Words> texts);
  // A state that an item has from `version` on; the states of an item follow each other, old to new. `texts`
  // are empty where it is deleted.
  void add(ItemId item, std::int64_t version, std::span<const Words> texts);
  void settle();

  ml::Corpora at(std::int64_t version) const;  // refers to it

 private:
  struct Text {
    Timeline texts;
    Timeline words;
    std::map<std::string, Timeline, std::less<>> with;  // ordered, since others choose the words
  };
  // What a state counts, to be taken back with the next one.
  struct Counted {
    std::size_t words = 0;
    std::vector<Timeline*> with;
    bool given = false;
  };
  void count(Text& text, const Counted& counted, std::int64_t version, std::int64_t sign);

  std::vector<Text> texts_;
  ItemId item_;  // that the newest state was of
  std::vector<Counted> newest_;
};

}  // namespace rankloop::app
