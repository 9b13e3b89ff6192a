// What people type to find items: words that must all hold. A word is a bound on a number (price<100, also
// > and =), the name of a flag that is set, an id or another whole number, or a part of a text; letters of
// ASCII are compared without regard to their case. Where ids are texts, a part of the id will do, and a query
// that is an id names its item even if it has blanks. Immutable; safe to use from any thread. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "domain/domain.h"
#include "domain/item_keys.h"
#include "error/result.h"
#include "ml/catalog.h"

namespace rankloop::app {

class ItemQuery {
 public:
  static constexpr std::size_t kMaxCharacters = 200;

  // kInvalidArgument: too long, or a bound on what is no number; faults name the query parameter "q".
  // Borrows the keys.
  static Result<ItemQuery> read(std::string_view text, const ml::Catalog& catalog, const ItemKeys& keys);

  bool empty() const { return words_.empty(); }
  // The one item that a query of nothing but an id names.
  std::optional<ItemId> named() const { return named_; }

  enum class Answer { kNo, kYes, kAskPayload };
  // What the columns in memory say; some queries ask for more than they know.
  Answer in_memory(ItemId id, const ml::CatalogChunk& chunk, std::size_t row) const;
  // The same of an item's stored payload.
  bool holds(ItemId id, std::string_view payload) const;

 private:
  // A field of the payload, and where memory has it.
  struct Place {
    std::string name;
    std::optional<std::size_t> column;  // of the chunk
  };
  struct Word {
    std::string text;  // in small letters
    std::optional<std::int64_t> number;
    // Of a bound: the number's field (an empty name: the id) and the limit.
    std::optional<Place> bounded;
    char sign = '=';
    double limit = 0;
    // Of any other word: the flags of this name, the whole numbers and the texts of an item.
    std::vector<Place> flags;
    std::vector<Place> wholes;
    std::vector<std::string> texts;
  };

  static Result<Word> bound(std::string_view text, std::size_t sign, const ml::Catalog& catalog);
  static Word part(std::string text, const ml::Catalog& catalog);
  static Answer bound_in_memory(const Word& word, ItemId id, const ml::CatalogChunk& chunk, std::size_t row);
  Answer word_in_memory(const Word& word, ItemId id, const ml::CatalogChunk& chunk, std::size_t row) const;
  bool word_holds(const Word& word, ItemId id, const boost::json::object& fields) const;
  bool is_of_id(const Word& word, ItemId id) const;

  const ItemKeys* keys_ = nullptr;
  std::optional<ItemId> named_;
  std::vector<Word> words_;
};

// Where memory has a numeric column of the items, by its name.
std::optional<std::size_t> column_in_memory(const ml::Catalog& catalog, std::string_view name);

}  // namespace rankloop::app
