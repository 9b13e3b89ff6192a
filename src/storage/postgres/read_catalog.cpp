// Items, models, the domain and kept answers, as they are read.
#include "storage/postgres/postgres_store.h"
#include "storage/postgres/row_stream.h"

namespace rankloop::storage::postgres {
namespace {

ItemRecord item_of(const Row& row) {
  return {ItemId{row.integer(0)}, row.integer(1), row.boolean(2), row.text(3)};
}

// Of the snapshot that is read; the one in memory may be ahead or behind.
std::int64_t catalog_version_of(Connection& connection) {
  return connection.run("counter", std::string_view("catalog_version")).front().integer(0);
}

}  // namespace

// An incomplete change stands above the current version and is never seen.
Result<ItemRecord> PostgresStore::item(ItemId id, std::int64_t at_version) {
  Result<std::vector<ItemRecord>> found = items(std::span(&id, 1), at_version);
  if (!found) return found.error();
  if (found->empty()) return Error{ErrorCode::kNotFound, "No item has the id " + std::to_string(id.value)};
  return std::move(found->front());
}

Result<std::vector<ItemRecord>> PostgresStore::items(std::span<const ItemId> ids, std::int64_t at_version) {
  using Records = std::vector<ItemRecord>;
  Column asked(Column::Of::kInteger);
  for (const ItemId id : ids) asked.add(id.value);
  if (asked.empty()) return Records{};
  return readers_.with<Records>([&](Connection& connection) -> Result<Records> {
    const Rows rows = connection.run("items", asked, at_version);
    Records found;
    for (int i = 0; i < rows.size(); ++i) found.push_back(item_of(rows[i]));
    return found;
  });
}

// The states of an item follow each other, old to new: the last before the next item is the one that counts.
Result<std::int64_t> PostgresStore::each_item(const std::function<void(const ItemRecord&)>& visit) {
  return in_snapshot<std::int64_t>([&](Connection& connection) -> Result<std::int64_t> {
    const std::int64_t version = catalog_version_of(connection);
    std::optional<ItemRecord> newest;
    const auto visit_newest = [&] {
      if (newest && !newest->deleted) visit(*newest);
    };
    const auto take = [&](const Row& row) {
      ItemRecord state = item_of(row);
      if (newest && newest->id != state.id) visit_newest();
      newest = std::move(state);
      return true;
    };
    each_row(connection, "item_states", take, version);
    visit_newest();
    return version;
  });
}

Result<std::int64_t> PostgresStore::each_change(std::int64_t after_version,
                                                const std::function<void(const ItemRecord&)>& visit) {
  return in_snapshot<std::int64_t>([&](Connection& connection) -> Result<std::int64_t> {
    const std::int64_t version = catalog_version_of(connection);
    const auto take = [&](const Row& row) {
      visit(item_of(row));
      return true;
    };
    each_row(connection, "changed_items", take, after_version, version);
    return version;
  });
}

Status PostgresStore::each_item_version(std::span<const ItemId> ids,
                                        const std::function<bool(const ItemRecord&)>& visit) {
  return in_snapshot<void>([&](Connection& connection) -> Status {
    const auto take = [&](const Row& row) { return visit(item_of(row)); };
    Column wanted(Column::Of::kInteger);
    for (const ItemId id : ids) wanted.add(id.value);
    each_row(connection, "states_of_items", take, wanted, catalog_version_of(connection));
    return {};
  });
}

ModelRecord model_of(const Row& row) {
  return {ModelId{row.integer(0)},
          row.text(1),
          row.text(2),
          row.text(3),
          row.text(4),
          row.text(5),
          row.small(6),
          row.time(7),
          row.boolean(8),
          row.real(9),
          row.boolean(10),
          row.text(11),
          row.text(12)};
}

Result<std::vector<ModelRecord>> PostgresStore::models() {
  using Records = std::vector<ModelRecord>;
  return readers_.with<Records>([&](Connection& connection) -> Result<Records> {
    Records found;
    const Rows rows = connection.run("models");
    for (int i = 0; i < rows.size(); ++i) found.push_back(model_of(rows[i]));
    return found;
  });
}

Result<std::vector<ModelEvent>> PostgresStore::model_history(std::optional<std::int64_t> before, int limit) {
  using Events = std::vector<ModelEvent>;
  return readers_.with<Events>([&](Connection& connection) -> Result<Events> {
    Events found;
    const Rows rows = connection.run("model_history", before, limit);
    for (int i = 0; i < rows.size(); ++i) {
      const Row row = rows[i];
      found.push_back({row.integer(0), row.time(1), row.text(2), ModelId{row.integer(3)}, row.text(4),
                       row.text(5), row.text(6), row.text(7)});
    }
    return found;
  });
}

Result<std::vector<ModelCounts>> PostgresStore::model_counts() {
  using All = std::vector<ModelCounts>;
  return readers_.with<All>([&](Connection& connection) -> Result<All> {
    All found;
    const Rows rows = connection.run("model_counts");
    for (int i = 0; i < rows.size(); ++i) {
      const Row row = rows[i];
      found.push_back({ModelId{row.integer(0)}, row.integer(1), row.integer(2), row.integer(3), row.real(4)});
    }
    return found;
  });
}

Result<std::string> PostgresStore::artefact(const std::string& hash) {
  return readers_.with<std::string>([&](Connection& connection) -> Result<std::string> {
    const Rows rows = connection.run("artefact", hash, static_cast<std::int64_t>(options_.max_artefact));
    if (rows.empty()) return Error{ErrorCode::kNotFound, "No model artefact has the hash " + hash};
    const auto bytes = static_cast<std::size_t>(rows.front().integer(0));
    if (bytes > options_.max_artefact) return artefact_too_large(bytes, options_.max_artefact);
    return rows.front().text(1);
  });
}

Result<DomainRecord> PostgresStore::domain() {
  return readers_.with<DomainRecord>([&](Connection& connection) -> Result<DomainRecord> {
    const Rows rows = connection.run("domain");
    if (rows.empty()) return Error{ErrorCode::kNotFound, "The store has no domain yet"};
    const Row row = rows.front();
    return DomainRecord{row.small(0), row.text(1), row.text(2), row.text(3)};
  });
}

Result<std::optional<KeptAnswer>> PostgresStore::kept_answer(const std::string& key) {
  using Kept = std::optional<KeptAnswer>;
  return readers_.with<Kept>([&](Connection& connection) -> Result<Kept> {
    const Rows rows = connection.run("kept_answer", key);
    if (rows.empty()) return Kept{};
    const Row row = rows.front();
    KeptAnswer answer{row.text(0), row.small(1), row.text(2), std::nullopt};
    if (!row.is_null(3)) answer.task = row.task_id(3);
    return Kept{std::move(answer)};
  });
}

}  // namespace rankloop::storage::postgres
