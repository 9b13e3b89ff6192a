// Items, models, the domain and kept answers, as they are read.
#include <algorithm>

#include "storage/sqlite/sqlite_store.h"

namespace rankloop::storage::sqlite {
namespace {

ItemRecord item_of(const Query& row) {
  return {ItemId{row.integer(0)}, row.integer(1), row.small(2) == 1, row.text(3)};
}

// Of the snapshot that is read; the one in memory may be ahead or behind.
std::int64_t catalog_version_of(Database& database) {
  Query row = database.query("counter", std::string_view("catalog_version"));
  return row.step() ? row.integer(0) : 0;
}

std::optional<ItemRecord> find_item(Database& database, ItemId id, std::int64_t version) {
  Query row = database.query("item", id, version);
  if (!row.step()) return std::nullopt;
  return item_of(row);
}

}  // namespace

// An incomplete change stands above the current version and is never seen.
Result<ItemRecord> SqliteStore::item(ItemId id, std::int64_t at_version) {
  return readers_->with<ItemRecord>([&](Database& database) -> Result<ItemRecord> {
    std::optional<ItemRecord> found =
        find_item(database, id, std::min(at_version, catalog_version_of(database)));
    if (!found) return Error{ErrorCode::kNotFound, "No item has the id " + std::to_string(id.value)};
    return *std::move(found);
  });
}

Result<std::vector<ItemRecord>> SqliteStore::items(std::span<const ItemId> ids, std::int64_t at_version) {
  using Records = std::vector<ItemRecord>;
  return readers_->with<Records>([&](Database& database) -> Result<Records> {
    const std::int64_t version = std::min(at_version, catalog_version_of(database));
    Records found;
    found.reserve(ids.size());
    for (const ItemId id : ids) {
      if (std::optional<ItemRecord> item = find_item(database, id, version))
        found.push_back(*std::move(item));
    }
    return found;
  });
}

// The states of an item follow each other, old to new: the last before the next item is the one that counts.
Result<std::int64_t> SqliteStore::each_item(const std::function<void(const ItemRecord&)>& visit) {
  return readers_->with<std::int64_t>([&](Database& database) -> Result<std::int64_t> {
    const std::int64_t version = catalog_version_of(database);
    std::optional<ItemRecord> newest;
    const auto visit_newest = [&] {
      if (newest && !newest->deleted) visit(*newest);
    };
    Query rows = database.query("item_states", version);
    while (rows.step()) {
      ItemRecord state = item_of(rows);
      if (newest && newest->id != state.id) visit_newest();
      newest = std::move(state);
    }
    visit_newest();
    return version;
  });
}

Result<std::int64_t> SqliteStore::each_change(std::int64_t after_version,
                                              const std::function<void(const ItemRecord&)>& visit) {
  return readers_->with<std::int64_t>([&](Database& database) -> Result<std::int64_t> {
    const std::int64_t version = catalog_version_of(database);
    Query rows = database.query("changed_items", after_version, version);
    while (rows.step()) visit(item_of(rows));
    return version;
  });
}

Status SqliteStore::each_item_version(std::span<const ItemId> ids,
                                      const std::function<bool(const ItemRecord&)>& visit) {
  return readers_->with<void>([&](Database& database) -> Status {
    const std::int64_t version = catalog_version_of(database);
    for (const ItemId id : ids) {
      Query rows = database.query("states_of_item", id, version);
      while (rows.step()) {
        if (!visit(item_of(rows))) return {};
      }
    }
    return {};
  });
}

ModelRecord model_of(const Query& row) {
  return {ModelId{row.integer(0)},
          row.text(1),
          row.text(2),
          row.text(3),
          row.text(4),
          row.text(5),
          row.small(6),
          row.time(7),
          row.small(8) == 1,
          row.real(9),
          row.small(10) == 1,
          row.text(11),
          row.text(12)};
}

Result<std::vector<ModelRecord>> SqliteStore::models() {
  using Records = std::vector<ModelRecord>;
  return readers_->with<Records>([&](Database& database) -> Result<Records> {
    Records found;
    Query row = database.query("models");
    while (row.step()) found.push_back(model_of(row));
    return found;
  });
}

Result<std::vector<ModelEvent>> SqliteStore::model_history(std::optional<std::int64_t> before, int limit) {
  using Events = std::vector<ModelEvent>;
  return readers_->with<Events>([&](Database& database) -> Result<Events> {
    Events found;
    Query row = database.query("model_history", before, limit);
    while (row.step()) {
      found.push_back({row.integer(0), row.time(1), row.text(2), ModelId{row.integer(3)}, row.text(4),
                       row.text(5), row.text(6), row.text(7)});
    }
    return found;
  });
}

Result<std::vector<ModelCounts>> SqliteStore::model_counts() {
  using All = std::vector<ModelCounts>;
  return readers_->with<All>([&](Database& database) -> Result<All> {
    All found;
    Query row = database.query("model_counts");
    while (row.step()) {
      found.push_back({ModelId{row.integer(0)}, row.integer(1), row.integer(2), row.integer(3), row.real(4)});
    }
    return found;
  });
}

Result<std::string> SqliteStore::artefact(const std::string& hash) {
  return readers_->with<std::string>([&](Database& database) -> Result<std::string> {
    Query row = database.query("artefact", hash, static_cast<std::int64_t>(options_.max_artefact));
    if (!row.step()) return Error{ErrorCode::kNotFound, "No model artefact has the hash " + hash};
    const auto bytes = static_cast<std::size_t>(row.integer(0));
    if (bytes > options_.max_artefact) return artefact_too_large(bytes, options_.max_artefact);
    return row.text(1);
  });
}

Result<DomainRecord> SqliteStore::domain() {
  return readers_->with<DomainRecord>([&](Database& database) -> Result<DomainRecord> {
    Query row = database.query("domain");
    if (!row.step()) return Error{ErrorCode::kNotFound, "The store has no domain yet"};
    return DomainRecord{row.small(0), row.text(1), row.text(2), row.text(3)};
  });
}

Result<std::optional<KeptAnswer>> SqliteStore::kept_answer(const std::string& key) {
  using Kept = std::optional<KeptAnswer>;
  return readers_->with<Kept>([&](Database& database) -> Result<Kept> {
    Query row = database.query("kept_answer", key);
    if (!row.step()) return Kept{};
    KeptAnswer answer{row.text(0), row.small(1), row.text(2), std::nullopt};
    if (!row.is_null(3)) answer.task = row.task_id(3);
    return Kept{std::move(answer)};
  });
}

}  // namespace rankloop::storage::sqlite
