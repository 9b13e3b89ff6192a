// The numbers of keys while the catalog is changed: those that memory knows, and the next ones for those that
// come with the change. It is refused by the store when another process has changed the catalog meanwhile, so
// nobody else gives the same numbers. Used by one thread; borrows the keys.
#pragma once

#include <cstdint>
#include <string_view>

#include "domain/item_keys.h"
#include "domain/numbered_texts.h"
#include "storage/records.h"

namespace rankloop::app {

class KeyNumbers {
 public:
  explicit KeyNumbers(const ItemKeys& known) : known_(known), last_(known.last()) {}

  // Fills in the item's id, and its key where that is new. kResourceExhausted: there are 2^32 - 1 keys.
  Status give(std::string_view key, storage::ItemWrite& item) {
    if (const auto known = known_.find(key)) {
      item.id = *known;
      return {};
    }
    const std::uint32_t before = new_.size();
    const std::uint32_t number = new_.add(key);
    if (number == 0 || last_.value + number > NumberedTexts::kMost)
      return Error{ErrorCode::kResourceExhausted, "there is no room for another item's key"};
    item.id = ItemId{last_.value + number};
    if (number > before) item.new_key = key;
    return {};
  }

 private:
  const ItemKeys& known_;
  const ItemId last_;
  NumberedTexts new_;
};

}  // namespace rankloop::app
