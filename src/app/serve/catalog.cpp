// Changes of the catalog, each one write and a new version; an import checks all rows before its first write.
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

constexpr std::size_t kImportChunk = 2'000;  // items per write
constexpr std::size_t kMaxImportFaults = 100;
constexpr double kCheckShare = 0.4;               // of an import's time
constexpr std::chrono::minutes kLongestLoad{10};  // of an import of many millions
constexpr std::chrono::milliseconds kLook{5};     // whether it serves
constexpr std::string_view kCreationTime = "creation_time";

Error not_found(const Domain& domain, ItemId id) {
  return {ErrorCode::kNotFound, "There is no " + domain.item.one + " " + std::to_string(id.value)};
}

Error no_free_id(const Domain& domain) {
  return {ErrorCode::kInvalidArgument, "There are not enough free numbers in a row left for " +
                                           domain.item_id_field + "; give one from 1 to 2^53 - 1"};
}

Error stopped() {
  return {ErrorCode::kUnavailable, "the import was stopped; nothing of it is there"};
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

boost::json::object to_json(const ImportReport& report) {
  return {{"rows", report.rows},
          {"created", report.created},
          {"updated", report.updated},
          {"catalog_version", report.catalog_version},
          {"unknown_fields", report.unknown_fields},
          {"unknown", to_json(std::span{report.unknown})}};
}

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
  Result<storage::ItemRecord> record = store_.item(id, store_.catalog_version());
  if (!record) return record.error().code == ErrorCode::kNotFound ? not_found(*domain_, id) : record.error();
  if (record->deleted) return not_found(*domain_, id);
  return Item{id, std::move(record->payload)};
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
  for (storage::ItemRecord& record : *records) items.push_back({record.id, std::move(record.payload)});
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
Result<ItemId> Catalog::free_ids(const ml::Catalog& catalog, const std::vector<std::int64_t>& brought,
                                 std::int64_t count) {
  if (!highest_stored_) {
    std::int64_t stored = 0;
    const auto read = store_.each_change(
        0, [&](const storage::ItemRecord& item) { stored = std::max(stored, item.id.value); });
    if (!read) return read.error();
    highest_stored_ = stored;
  }
  std::int64_t highest = *highest_stored_;
  for (const std::int64_t id : brought) highest = std::max(highest, id);
  for (const auto& chunk : catalog.chunks()) {
    for (const ItemId id : chunk->ids) highest = std::max(highest, id.value);
  }
  if (kMaxItemId - highest >= count) return ItemId{highest + 1};
  std::vector<std::int64_t> used = brought;
  const auto read =
      store_.each_change(0, [&](const storage::ItemRecord& item) { used.push_back(item.id.value); });
  if (!read) return read.error();
  std::sort(used.begin(), used.end());
  const std::int64_t first = last_gap(used, count);
  if (first == 0) return no_free_id(*domain_);
  return ItemId{first};
}

Result<Item> Catalog::add(const boost::json::value& body, const KeepItem& keep) {
  const std::string_view loc[] = {"body"};
  const boost::json::object* object = body.if_object();
  const std::string& id_name = domain_->item_id_field;
  Result<ItemId> id = given_id(object ? object->if_contains(id_name) : nullptr, id_name, loc);
  Result<Record> record = check_new(body, loc);
  if (!record || !id) {
    std::vector<FieldFault> faults;
    if (!id) faults = id.error().faults;
    if (!record) faults.insert(faults.end(), record.error().faults.begin(), record.error().faults.end());
    return invalid_fields(std::move(faults));
  }
  const Lock lock{changing_};
  const auto catalog = newest();
  if (!catalog) return catalog.error();
  if (id->value != 0 && (*catalog)->find(*id)) {
    return Error{ErrorCode::kAlreadyExists,
                 "There is already a " + domain_->item.one + " " + std::to_string(id->value)};
  }
  if (id->value == 0) id = free_ids(**catalog, {}, 1);
  if (!id) return id.error();
  Item item{*id, std::move(record->payload)};
  if (Status written = write_one({item.id, item.payload}, **catalog, keep ? keep(item) : std::nullopt);
      !written)
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

// What the first look at all rows tells: nothing of them is kept but their ids.
struct Catalog::ImportPlan {
  std::int64_t rows = 0;
  std::int64_t without_id = 0;
  std::vector<std::int64_t> ids;  // that the rows bring
  UnknownNames unknown;

  void add(const ItemRow& row) {
    ++rows;
    if (row.id.value == 0) {
      ++without_id;
    } else {
      ids.push_back(row.id.value);
    }
    if (row.unknown_keys.empty()) return;
    for (const std::string& name : row.unknown_keys) unknown.add(name);
    unknown.add_nameless(static_cast<std::int64_t>(row.record.unknown_fields - row.unknown_keys.size()));
  }
};

Result<Catalog::ImportPlan> Catalog::check_rows(const ItemRows& rows, const ImportOptions& options,
                                                std::size_t bytes, const ImportWatch& watch) {
  ImportPlan plan;
  std::vector<FieldFault> faults;
  Status broken;
  rows.each([&](Result<ItemRow> row, std::size_t read) {
    if (watch.stop.stop_requested()) broken = stopped();
    if (!row && row.error().faults.empty()) broken = row.error();
    if (!broken) return false;
    if (!row) {
      faults.insert(faults.end(), row.error().faults.begin(), row.error().faults.end());
      return faults.size() < kMaxImportFaults;
    }
    plan.add(*row);
    if (plan.rows % 1000 == 0)
      watch.tell(kCheckShare * static_cast<double>(read) / static_cast<double>(bytes));
    return true;
  });
  if (!broken) return broken.error();
  if (faults.size() > kMaxImportFaults) faults.resize(kMaxImportFaults);
  if (!faults.empty()) return invalid_fields(std::move(faults));
  for (const std::string& column : rows.unknown_columns()) plan.unknown.add(column, plan.rows);
  if (options.strict && plan.unknown.total() > 0) {
    return Error{ErrorCode::kInvalidArgument,
                 "not known to the domain: " + in_words(plan.unknown.told(rows.known_names()))};
  }
  return plan;
}

// Of rows with the same id the last one counts.
void Catalog::count_ids(ImportPlan& plan, const ml::Catalog& catalog, ImportReport& report) {
  std::sort(plan.ids.begin(), plan.ids.end());
  const auto distinct = std::unique(plan.ids.begin(), plan.ids.end());
  const auto is_new = [&](std::int64_t id) { return !catalog.find({id}); };
  report.created = plan.without_id + std::count_if(plan.ids.begin(), distinct, is_new);
  report.updated = report.rows - report.created;
}

Status Catalog::write_rows(const ItemRows& rows, ItemId next, std::size_t bytes, const ImportWatch& watch,
                           const ImportReport& report) {
  storage::CatalogWrite part{report.catalog_version, {}, true, false};
  Status fault;
  std::int64_t left = report.rows;
  rows.each([&](Result<ItemRow> row, std::size_t read) {
    if (!row || watch.stop.stop_requested()) {
      fault = row ? stopped() : row.error();
      return false;
    }
    part.items.push_back(
        {row->id.value != 0 ? row->id : ItemId{next.value++}, std::move(row->record.payload)});
    part.last = --left == 0;
    if (part.items.size() < kImportChunk && !part.last) return true;
    const Result<std::int64_t> written =
        write(std::exchange(part, {report.catalog_version, {}, false, false}));
    if (!written) fault = written.error();
    watch.tell(kCheckShare + (1 - kCheckShare) * static_cast<double>(read) / static_cast<double>(bytes));
    return fault.ok();
  });
  return fault;
}

Result<ImportReport> Catalog::import(std::string_view text, const ImportOptions& options,
                                     const ImportWatch& watch) {
  ItemRows rows{*domain_, text, options, to_iso8601(clock_.wall())};
  if (Status header = rows.open(); !header) return header.error();
  Result<ImportPlan> plan = check_rows(rows, options, text.size(), watch);
  if (!plan) return plan.error();
  ImportReport report;
  report.rows = plan->rows;
  report.unknown_fields = plan->unknown.total();
  report.unknown = plan->unknown.told(rows.known_names());

  const Lock lock{changing_};
  const auto catalog = newest();
  if (!catalog) return catalog.error();
  report.catalog_version = (*catalog)->version();
  if (report.rows == 0) return report;
  count_ids(*plan, **catalog, report);
  ItemId next;
  if (plan->without_id > 0) {
    const Result<ItemId> free = free_ids(**catalog, plan->ids, plan->without_id);
    if (!free) return free.error();
    next = *free;
  }
  ++report.catalog_version;
  if (Status written = write_rows(rows, next, text.size(), watch, report); !written) return written.error();
  if (Status served = wait_until_served(report.catalog_version, watch.stop); !served) return served.error();
  return report;
}

}  // namespace rankloop::app
