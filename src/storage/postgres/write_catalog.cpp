// Changes of the catalog. Several processes may begin one at once: the last to begin owns the version.
#include <charconv>

#include "storage/postgres/hints.h"
#include "storage/postgres/postgres_store.h"

namespace rankloop::storage::postgres {
namespace {

// A store's name in the counter catalog_writer.
std::int64_t number_of(const std::string& origin) {
  std::uint64_t number = 0;
  std::from_chars(origin.data(), origin.data() + origin.size(), number, 16);
  return static_cast<std::int64_t>(number);
}

void put_items(Connection& connection, const CatalogWrite& write, WallTime now) {
  if (write.items.empty()) return;
  Array ids(Array::Of::kInteger);
  Array payloads(Array::Of::kText);
  for (const ItemWrite& item : write.items) {
    ids.add(item.id.value);
    if (item.payload) {
      payloads.add(std::string_view(*item.payload));
    } else {
      payloads.add_null();
    }
  }
  connection.run("put_items", write.version, ids, payloads, now);
}

void put_item_keys(Connection& connection, const CatalogWrite& write) {
  Array ids(Array::Of::kInteger);
  Array keys(Array::Of::kText);
  bool any = false;
  for (const ItemWrite& item : write.items) {
    if (item.new_key.empty()) continue;
    any = true;
    ids.add(item.id.value);
    keys.add(std::string_view(item.new_key));
  }
  if (any) connection.run("put_item_keys", write.version, ids, keys);
}

// `begun`: the version whose first part this process wrote.
Result<std::int64_t> insert_items(Connection& connection, const CatalogWrite& write, WallTime now,
                                  std::int64_t me, std::int64_t& begun) {
  constexpr std::string_view kVersion = "catalog_version";
  constexpr std::string_view kWriter = "catalog_writer";
  const std::int64_t current = connection.run("lock_counter", kVersion).front().integer("value");
  if (write.version != current + 1) return catalog_changed_meanwhile(current);
  const bool mine = counter(connection, kWriter) == me && begun == write.version;
  if (!mine && !write.first && begun == write.version) return catalog_changed_meanwhile(current);
  if (write.first || !mine) {
    connection.run("drop_items_after", current);
    connection.run("drop_item_keys_after", current);
    connection.run("set_counter", kWriter, me);
    begun = write.version;
  }
  put_items(connection, write, now);
  put_item_keys(connection, write);
  if (write.last) connection.run("set_counter", kVersion, write.version);
  return write.version;
}

}  // namespace

void PostgresStore::write_items(CatalogWrite write, std::optional<RecordedAnswer<std::int64_t>> keep,
                                Done<std::int64_t> done) {
  const bool last = write.last;
  submit_body<std::int64_t>(
      [this, write = std::move(write), now = clock_.wall()](WriteBatch& batch) {
        Result<std::int64_t> version =
            insert_items(batch.connection(), write, now, number_of(origin_), catalog_begun_);
        if (version && write.last) batch.hint(catalog_hint(*version));
        return version;
      },
      std::move(keep),
      [this, last](const Result<std::int64_t>& version) {
        if (version && last) catalog_moved(*version);
      },
      std::move(done));
}

}  // namespace rankloop::storage::postgres
