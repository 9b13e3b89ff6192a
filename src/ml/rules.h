// Eligibility: the domain's rules over the columns of the catalog.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "domain/domain.h"
#include "ml/catalog.h"

namespace rankloop::ml {

// A condition once the request is known: a function of one item column, or of none, or several joined.
struct ItemTest {
  enum class Of { kDecided, kNumber, kSame, kCommon, kNumberAbsent, kWordsAbsent, kNot, kAnd, kOr };
  enum class Outcome : std::uint8_t { kFails, kHolds, kUndecided };
  Of of = Of::kDecided;
  Outcome decided = Outcome::kUndecided;  // the same for every item
  std::size_t position = 0;               // of the item's numbers or words in the catalog
  Comparison op = Comparison::kEqual;
  float right = 0;                  // of a number
  std::vector<std::int32_t> codes;  // of the words that the dictionary knows, ascending
  std::size_t words = 0;            // how many there are, known or not
  std::vector<ItemTest> parts;
};

// A condition by itself; what is undecided does not hold. Reads the catalog, which must outlive it.
class BoundCondition {
 public:
  BoundCondition(const Catalog& catalog, const ValuesView& request, const RuleCondition& condition);
  bool holds_for(std::uint32_t row) const;

 private:
  const Catalog& catalog_;
  ItemTest test_;
};

// The rules of one request. Numbers are compared as float32, the catalog's precision. Reads the catalog,
// which must outlive it; thread-safe.
class Eligibility {
 public:
  Eligibility(const Catalog& catalog, const ValuesView& request);

  bool any_rules() const { return !rules_.empty(); }
  bool holds_for(std::uint32_t row) const;  // of a live row
  // Appends the rows of a chunk that are live and keep every rule, ascending. Where a word that a rule asks
  // for stands in few of its rows, only these are looked at.
  void append_eligible(std::size_t chunk, std::vector<std::uint32_t>& rows) const;

 private:
  struct BoundRule {
    ItemTest must;
    bool absent_passes = false;
  };
  // Clears what is kept of the rows from `first` on that break a rule.
  void keep_eligible(const CatalogChunk& chunk, std::size_t first, std::span<std::uint8_t> kept) const;

  // Rows without all of these words, or without any of them, break a rule.
  struct Needed {
    std::size_t position = 0;  // of the item's words in the catalog
    std::vector<std::int32_t> codes;
    bool all = false;
  };
  void add_needed(const ItemTest& must);
  static std::size_t rows_with(const Needed& needed, const CatalogChunk& chunk);
  bool append_by_postings(std::size_t chunk, std::vector<std::uint32_t>& rows) const;

  const Catalog& catalog_;
  std::vector<BoundRule> rules_;
  std::vector<Needed> needed_;
};

}  // namespace rankloop::ml
