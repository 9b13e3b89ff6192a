// Changes of the catalog, each one write and a new version.
#include "app/serve/catalog.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "domain/strict_json.h"

namespace rankloop::app {
namespace {

constexpr std::chrono::minutes kLongestLoad{10};  // of an import of many millions
constexpr std::chrono::milliseconds kLook{5};     // whether it serves
constexpr std::string_view kCreationTime = "creation_time";

Error no_free_id(const Domain& domain) {
  return {ErrorCode::kInvalidArgument, "There are not enough free numbers in a row left for " +
                                           domain.item_id_field + "; give one from 1 to 2^53 - 1"};
}

// The first of `count` numbers in a row, up to kMaxItemId, that stand in no gap of the sorted `used` too
// small for them: behind the largest where there is room, else in the last gap that has it. 0: there is none.
std::int64_t last_gap(const std::vector<std::int64_t>& used, std::int64_t count) {
  std::int64_t end = kMaxItemId + 1;
  for (auto before = used.rbegin(); before != used.rend(); ++before) {
    if (end - *before - 1 >= count) return *before + 1;
    end = *before;
  }
  return end - 1 >= count ? 1 : 0;
}

}  // namespace

Catalog::Catalog(std::shared_ptr<const Domain> domain, storage::CatalogStore& store, Serving& serving,
                 const Clock& clock)
    : domain_(std::move(domain)), store_(store), serving_(serving), clock_(clock) {}

std::int64_t Catalog::size() const {
  return static_cast<std::int64_t>(serving_.current()->catalog->live_items());
}

// Changes are planned on the catalog as it is stored, not as it was a moment ago in memory.
Result<std::shared_ptr<const ml::Catalog>> Catalog::newest() {
  const std::int64_t version = store_.catalog_version();
  if (!serving_.wait_for_catalog(version)) {
    return Error{ErrorCode::kUnavailable, "version " + std::to_string(version) +
                                              " of the catalog is still being loaded; try again in a moment"};
  }
  return serving_.current()->catalog;
}

// An import is answered when it serves, however long it takes to load.
Status Catalog::wait_until_served(std::int64_t version, const std::stop_token& stop) {
  const Monotonic deadline = clock_.monotonic() + kLongestLoad;
  while (serving_.current()->catalog->version() < version) {
    if (stop.stop_requested() || clock_.monotonic() > deadline) {
      return Error{ErrorCode::kUnavailable, "the items are stored as version " + std::to_string(version) +
                                                " of the catalog, but not served yet"};
    }
    std::this_thread::sleep_for(kLook);
  }
  return {};
}

Result<Item> Catalog::get(ItemId id) {
  ItemNames& names = serving_.item_names();
  Result<storage::ItemRecord> record = store_.item(id, store_.catalog_version());
  if (!record && record.error().code != ErrorCode::kNotFound) return record.error();
  if (!record || record->deleted)
    return Error{ErrorCode::kNotFound, "There is no " + domain_->item.one + " " + names.in_words(id)};
  return Item{id, std::move(record->payload), std::string{names.key_of(id)}};
}

Result<std::vector<Item>> Catalog::list(std::int64_t offset, std::int64_t limit) {
  serving_.wait_for_catalog(store_.catalog_version());  // or what there is
  const auto catalog = serving_.current()->catalog;
  std::vector<ItemId> ids = catalog->ids_after({INT64_MIN}, static_cast<std::size_t>(offset + limit));
  ids.erase(ids.begin(), ids.begin() + std::min(offset, static_cast<std::int64_t>(ids.size())));
  Result<std::vector<storage::ItemRecord>> records = store_.items(ids, catalog->version());
  if (!records) return records.error();
  std::vector<Item> items;
  items.reserve(records->size());
  ItemNames& names = serving_.item_names();
  for (storage::ItemRecord& record : *records)
    items.push_back({record.id, std::move(record.payload), std::string{names.key_of(record.id)}});
  return items;
}

Result<Record> Catalog::check_new(const boost::json::value& body,
                                  std::span<const std::string_view> loc) const {
  const std::string_view ignored[] = {domain_->item_id_field};
  boost::json::value input = body;
  if (boost::json::object* object = input.if_object(); object != nullptr &&
                                                       domain_->items.field(kCreationTime) != nullptr &&
                                                       !object->contains(kCreationTime)) {
    (*object)[kCreationTime] = to_iso8601(clock_.wall());
  }
  return domain_->items.check(input, loc, ignored);
}

Result<std::int64_t> Catalog::write(storage::CatalogWrite part,
                                    std::optional<storage::RecordedAnswer<std::int64_t>> keep) {
  std::promise<Result<std::int64_t>> promise;
  std::future<Result<std::int64_t>> written = promise.get_future();
  store_.write_items(std::move(part), std::move(keep),
                     [&promise](Result<std::int64_t> outcome) { promise.set_value(std::move(outcome)); });
  return written.get();
}

Status Catalog::write_one(storage::ItemWrite item, const ml::Catalog& catalog,
                          std::optional<storage::RecordedAnswer<std::int64_t>> keep) {
  const Result<std::int64_t> version = write({catalog.version() + 1, {std::move(item)}}, std::move(keep));
  if (!version) return version.error();
  serving_.wait_for_catalog(*version);
  return {};
}

// History names items by their ids, so not even a deleted one's is given again. Memory knows the items that
// were deleted since the start; the store, which is asked once, those from before. When the largest id that
// there can be is taken, the store is asked for every id, and numbers go on in the last gap.
Result<std::int64_t> Catalog::highest_id(const ml::Catalog& catalog) {
  if (!highest_stored_) {
    std::int64_t stored = 0;
    const auto read = store_.each_change(
        0, storage::CatalogStore::kCurrentVersion,
        [&](const storage::ItemRecord& item) { stored = std::max(stored, item.id.value); });
    if (!read) return read.error();
    highest_stored_ = stored;
  }
  std::int64_t highest = *highest_stored_;
  for (const auto& chunk : catalog.chunks()) {
    for (const ItemId id : chunk->ids) highest = std::max(highest, id.value);
  }
  return highest;
}

Result<ItemId> Catalog::free_ids(const ml::Catalog& catalog, const std::vector<std::int64_t>& brought,
                                 std::int64_t count) {
  const Result<std::int64_t> known = highest_id(catalog);
  if (!known) return known.error();
  std::int64_t highest = *known;
  for (const std::int64_t id : brought) highest = std::max(highest, id);
  if (kMaxItemId - highest >= count) return ItemId{highest + 1};
  std::vector<std::int64_t> used = brought;
  const auto read =
      store_.each_change(0, storage::CatalogStore::kCurrentVersion,
                         [&](const storage::ItemRecord& item) { used.push_back(item.id.value); });
  if (!read) return read.error();
  std::sort(used.begin(), used.end());
  const std::int64_t first = last_gap(used, count);
  if (first == 0) return no_free_id(*domain_);
  return ItemId{first};
}

// A text cannot be counted from the others, so it has to be given.
Result<ItemName> Catalog::name_in(const boost::json::value& body,
                                  std::span<const std::string_view> loc) const {
  const boost::json::object* object = body.if_object();
  const std::string& field = domain_->item_id_field;
  Result<ItemName> name =
      given_name(object ? object->if_contains(field) : nullptr, domain_->item_id_type, field, loc);
  if (!name || !name->empty() || domain_->item_id_type == ItemIdType::kNumber) return name;
  return invalid_fields({{{"body", field}, "Field required", "missing"}});
}

Status Catalog::number(const ItemName& name, const ml::Catalog& catalog, storage::ItemWrite& item) {
  if (!name.key.empty()) return KeyNumbers{serving_.item_names().keys()}.give(name.key, item);
  const Result<ItemId> id = name.empty() ? free_ids(catalog, {}, 1) : Result<ItemId>(name.number);
  if (!id) return id.error();
  item.id = *id;
  return {};
}

Result<Item> Catalog::add(const boost::json::value& body, const KeepItem& keep) {
  const std::string_view loc[] = {"body"};
  const Result<ItemName> name = name_in(body, loc);
  Result<Record> record = check_new(body, loc);
  if (!record || !name) {
    std::vector<FieldFault> faults;
    if (!name) faults = name.error().faults;
    if (!record) faults.insert(faults.end(), record.error().faults.begin(), record.error().faults.end());
    return invalid_fields(std::move(faults));
  }
  const Lock lock{changing_};
  const auto catalog = newest();
  if (!catalog) return catalog.error();
  storage::ItemWrite made{{}, std::move(record->payload)};
  if (Status numbered = number(*name, **catalog, made); !numbered) return numbered.error();
  if ((*catalog)->find(made.id)) {
    return Error{ErrorCode::kAlreadyExists,
                 "There is already a " + domain_->item.one + " " + in_words(*name)};
  }
  Item item{made.id, *made.payload, name->key};
  if (Status written = write_one(std::move(made), **catalog, keep ? keep(item) : std::nullopt); !written)
    return written.error();
  return item;
}

Result<Item> Catalog::change(ItemId id, const boost::json::value& changes) {
  const Lock lock{changing_};
  Result<Item> item = get(id);
  if (!item) return item;
  const std::string_view loc[] = {"body"};
  const std::string_view ignored[] = {domain_->item_id_field};
  Result<Record> record = domain_->items.patch(item->payload, changes, loc, ignored);
  if (!record) return record.error();
  item->payload = std::move(record->payload);
  const auto catalog = newest();
  if (!catalog) return catalog.error();
  if (Status written = write_one({id, item->payload}, **catalog); !written) return written.error();
  return item;
}

Status Catalog::remove(ItemId id) {
  const Lock lock{changing_};
  Result<Item> item = get(id);
  if (!item) return item.error();
  const auto catalog = newest();
  if (!catalog) return catalog.error();
  return write_one({id, std::nullopt}, **catalog);
}

Result<Item> Catalog::get(const ItemName& name) {
  const Result<ItemId> id = serving_.item_names().find(name);
  return id ? get(*id) : Result<Item>(id.error());
}

Result<Item> Catalog::change(const ItemName& name, const boost::json::value& changes) {
  const Result<ItemId> id = serving_.item_names().find(name);
  return id ? change(*id, changes) : Result<Item>(id.error());
}

Status Catalog::remove(const ItemName& name) {
  const Result<ItemId> id = serving_.item_names().find(name);
  return id ? remove(*id) : Status(id.error());
}

// Rows that bring ids, and those that bring none, are not told apart before all of them have been seen.
Result<ItemId> Catalog::first_free_id(ItemRows& rows, const ImportOptions& options,
                                      const std::stop_token& stop, const ml::Catalog& catalog) {
  if (!options.number_rows) return ItemId{0};
  constexpr std::int64_t kMoreThanRows = 1LL << 40;
  const Result<std::int64_t> highest = highest_id(catalog);
  if (!highest) return highest.error();
  if (!rows.may_bring_ids() && kMaxItemId - *highest > kMoreThanRows) return ItemId{*highest + 1};
  std::vector<std::int64_t> brought;
  std::int64_t without = 0;
  std::size_t unreadable = 0;
  const Status read = rows.each([&](const Result<ItemRow>& row, const RowPlace& place) {
    if (row && !row->name.empty()) brought.push_back(row->name.number.value);
    if (row && row->name.empty()) ++without;
    if (place.unreadable) ++unreadable;
    return unreadable <= kMostUnreadableRows && !stop.stop_requested();
  });
  if (!read) return read.error();
  return without == 0 ? ItemId{0} : free_ids(catalog, brought, without);
}

Result<ImportReport> Catalog::import(const tables::Bytes& bytes, const ImportOptions& options,
                                     const ImportWatch& watch) {
  const Monotonic began = clock_.monotonic();
  ItemRows rows{*domain_, bytes, options, to_iso8601(clock_.wall())};
  if (Status header = rows.open(); !header) return header.error();

  const Lock lock{changing_};
  const auto catalog = newest();
  if (!catalog) return catalog.error();
  const Result<ItemId> free = first_free_id(rows, options, watch.stop, **catalog);
  if (!free) return free.error();
  const ItemKeys& keys = serving_.item_names().keys();
  Result<ImportReport> report =
      ItemImport{store_, **catalog, keys, rows, options, watch, bytes.size()}.run(*free);
  if (!report) return report.error();
  report->seconds = std::chrono::duration<double>(clock_.monotonic() - began).count();
  if (!watch.until_served || report->rows == 0) return report;
  if (Status served = wait_until_served(report->catalog_version, watch.stop); !served) return served.error();
  return report;
}

}  // namespace rankloop::app
