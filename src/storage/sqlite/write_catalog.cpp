// Changes of the catalog.
#include "storage/sqlite/sqlite_store.h"

namespace rankloop::storage::sqlite {
namespace {

Result<std::int64_t> insert_items(Database& database, const CatalogWrite& write, WallTime now) {
  const std::int64_t current = catalog_version_of(database);
  if (write.version != current + 1) return catalog_changed_meanwhile(current);
  if (write.first) {
    database.execute("drop_items_after", current);
    database.execute("drop_item_keys_after", current);
  }
  for (const ItemWrite& item : write.items) {
    database.execute("put_item", item.id, write.version, !item.payload.has_value(),
                     item.payload ? std::string_view(*item.payload) : std::string_view(), now);
    if (!item.new_key.empty()) database.execute("put_item_key", item.id, write.version, item.new_key);
  }
  if (write.last) database.execute("set_counter", std::string_view("catalog_version"), write.version);
  return write.version;
}

}  // namespace

void SqliteStore::write_items(CatalogWrite write, std::optional<RecordedAnswer<std::int64_t>> keep,
                              Done<std::int64_t> done) {
  const bool last = write.last;
  submit_body<std::int64_t>(
      [write = std::move(write), now = clock_.wall()](WriteTransaction& transaction) {
        return insert_items(transaction.connection(), write, now);
      },
      std::move(keep),
      [this, last](const Result<std::int64_t>& version) {
        if (!version || !last) return;
        catalog_version_ = *version;
        listener_.catalog_changed(*version);
      },
      std::move(done));
}

}  // namespace rankloop::storage::sqlite
