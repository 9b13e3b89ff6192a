// Changes of the catalog.
#include "storage/sqlite/sqlite_store.h"

namespace rankloop::storage::sqlite {
namespace {

std::int64_t current_version(Database& database) {
  Query row = database.query("counter", std::string_view("catalog_version"));
  return row.step() ? row.integer(0) : 0;
}

Result<std::int64_t> insert_items(Database& database, const CatalogWrite& write) {
  const std::int64_t current = current_version(database);
  if (write.version != current + 1) {
    return Error{ErrorCode::kAborted, "The catalog has changed meanwhile: its version is " + std::to_string(current)};
  }
  if (write.first) database.run("drop_items_after", current);
  for (const ItemWrite& item : write.items) {
    database.run("put_item", item.id, write.version, !item.payload.has_value(),
                 item.payload ? std::string_view(*item.payload) : std::string_view());
  }
  if (write.last) database.run("set_counter", std::string_view("catalog_version"), write.version);
  return write.version;
}

}  // namespace

void SqliteStore::write_items(CatalogWrite write, std::optional<Keep<std::int64_t>> keep,
                              Done<std::int64_t> done) {
  const bool last = write.last;
  submit<std::int64_t>(
      [write = std::move(write)](WriteTransaction& transaction) {
        return insert_items(transaction.database(), write);
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
