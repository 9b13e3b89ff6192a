// How items are named to callers, and by them: the one place where an id is read or written. Where the
// domain's ids are whole numbers, nothing is looked up.
//
// Memory learns the store's keys whenever a newer catalog is loaded, before that catalog is served
// (Serving). What another process brought a moment ago is asked of the store where it is met. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/value.hpp>

#include "domain/domain.h"
#include "domain/item_keys.h"
#include "domain/json_writer.h"
#include "error/result.h"
#include "storage/catalog_store.h"
#include "sync/mutex.h"

namespace rankloop::app {

// The member of an answer that says which item it speaks of: its id's field and the id, which is `key` where
// the domain's ids are texts (empty: null).
void write_id(JsonWriter& json, const Domain& domain, ItemId item, std::string_view key);

class ItemNames {
 public:
  ItemNames(std::shared_ptr<const Domain> domain, storage::CatalogStore& store)
      : domain_(std::move(domain)), store_(store), keys_(domain_->item_id_type) {}

  const Domain& domain() const { return *domain_; }
  // What memory knows: enough for every item of the catalog that serves.
  const ItemKeys& keys() const { return keys_; }

  // The item of this name. Blocks where memory does not know it. kNotFound "There is no film "a/b"", and as
  // the store.
  Result<ItemId> find(const ItemName& name);
  Error not_found(const ItemName& name) const;

  // The text of an item, where ids are texts; empty also where the store cannot tell. Blocks as find() does,
  // but not for items of the catalog that serves, and so do the others.
  std::string_view key_of(ItemId item);
  void write(JsonWriter& json, ItemId item);
  boost::json::value value(ItemId item);  // null where the store cannot tell
  std::string in_words(ItemId item);      // for sentences: 17, "a/b"

  // Brings what the store knows beyond memory into it. Blocks. kDataLoss: the store's keys have a gap.
  Status learn();

 private:
  const std::shared_ptr<const Domain> domain_;
  storage::CatalogStore& store_;
  ItemKeys keys_;
  Mutex learning_;  // one after another
};

}  // namespace rankloop::app
