// Items, as they are read many at once.
#include "storage/postgres/postgres_store.h"

namespace rankloop::storage::postgres {

std::vector<ItemRecord> find_items(Connection& connection, std::span<const ItemId> ids,
                                   std::int64_t at_version) {
  Array asked(Array::Of::kInteger);
  for (const ItemId id : ids) asked.add(id.value);
  return all_rows(connection, "items", item_of, asked, at_version);
}

}  // namespace rankloop::storage::postgres
