// Items, as they are read one by one.
#include <algorithm>

#include "storage/sqlite/sqlite_store.h"

namespace rankloop::storage::sqlite {

std::vector<ItemRecord> find_items(Database& database, std::span<const ItemId> ids, std::int64_t at_version) {
  const std::int64_t version = std::min(at_version, catalog_version_of(database));
  std::vector<ItemRecord> found;
  found.reserve(ids.size());
  for (const ItemId id : ids) {
    if (std::optional<ItemRecord> item = the_row(database, "item", item_of, id, version)) {
      found.push_back(*std::move(item));
    }
  }
  return found;
}

}  // namespace rankloop::storage::sqlite
