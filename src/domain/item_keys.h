// What the catalog's owner calls items, and the numbers that stand for it inside. Where the domain's ids are
// whole numbers (ItemIdType::kNumber) they stand for themselves. Where they are texts (kText) each has the
// number of its first appearance, counted from 1, and never another: rankings, models and history speak of
// items by their numbers alone.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "domain/ids.h"
#include "domain/numbered_texts.h"
#include "error/result.h"
#include "sync/mutex.h"

namespace rankloop {

inline constexpr std::size_t kLongestItemKey = 256;  // bytes

// Whether a text can be an item's key: 1 to 256 bytes of UTF-8 without control characters. It is kept as it
// is.
bool is_item_key(std::string_view text);

// Whether a whole number can be an item's id: from 1 to what is exact in every JSON reader.
bool is_item_number(ItemId number);

// What an id may be, and the kind of the fault that is none, for what refuses it.
std::string_view allowed_item_id(ItemIdType type);
std::string_view type_of_no_id(ItemIdType type);

// An item as a caller names it; there need not be one. Empty: nobody said.
struct ItemName {
  ItemName() = default;
  ItemName(ItemId id) : number(id) {}  // NOLINT(google-explicit-constructor): a number is a name
  explicit ItemName(std::string_view text) : key(text) {}

  bool empty() const { return number.value == 0 && key.empty(); }

  ItemId number;    // where ids are whole numbers
  std::string key;  // where they are texts
};

// The name that a value is: any whole number, or a text that can be a key. Nothing: it is none.
std::optional<ItemName> item_name_of(const boost::json::value& value, ItemIdType type);

// As sentences name an item: 17, "a/b".
std::string in_words(const ItemName& name);

// The keys of one catalog. Thread-safe.
class ItemKeys {
 public:
  explicit ItemKeys(ItemIdType type) : type_(type) {}

  ItemIdType type() const { return type_; }
  bool are_texts() const { return type_ == ItemIdType::kText; }

  // The item of this name, as far as is known here; a number is one whether it is any item's or not.
  std::optional<ItemId> find(const ItemName& name) const;
  std::optional<ItemId> find(std::string_view key) const;  // of a text
  // The text of an item; nothing where it is not known here. It stays to the end.
  std::optional<std::string_view> key_of(ItemId item) const;

  // The number of the newest text, 0 where there is none.
  ItemId last() const;
  // Appends a text unless it is there, and tells its number. kResourceExhausted: there are 2^32 - 1.
  Result<ItemId> add(std::string_view key);

 private:
  const ItemIdType type_;
  mutable SharedMutex mutex_;
  NumberedTexts texts_ GUARDED_BY(mutex_);
};

}  // namespace rankloop
