#include "app/catalog.h"

#include <algorithm>
#include <future>
#include <span>
#include <unordered_set>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "app/row_reader.h"
#include "domain/strict_json.h"

namespace rankloop::app {
namespace {

constexpr std::size_t kImportChunk = 2'000;  // items per write
constexpr std::size_t kMaxImportFaults = 100;
constexpr std::int64_t kMaxItemId = (1LL << 53) - 1;  // exact in every JSON reader
constexpr std::string_view kCreationTime = "creation_time";

Error not_found(const Domain& domain, ItemId id) {
  return {ErrorCode::kNotFound, "There is no " + domain.item.one + " " + std::to_string(id.value)};
}

Error no_free_id(const Domain& domain) {
  return {ErrorCode::kInvalidArgument,
          "There is no free " + domain.item_id_field +
              " behind the largest one that is used; give one from 1 to 2^53 - 1"};
}

// The id a row or body brings, 0 when it brings none.
Result<ItemId> given_id(const boost::json::value* value, const Domain& domain,
                        std::span<const std::string_view> loc) {
  if (value == nullptr || value->is_null()) return ItemId{0};
  boost::system::error_code fault;
  const auto id = value->is_number() ? value->to_number<std::int64_t>(fault) : 0;
  if (value->is_number() && !fault && id >= 1 && id <= kMaxItemId) return ItemId{id};
  std::vector<std::string> place{loc.begin(), loc.end()};
  place.push_back(domain.item_id_field);
  return invalid_fields(
      {{std::move(place), "Input should be a whole number from 1 to 2^53 - 1", "int_type"}});
}

struct ImportRow {
  ItemId id;  // 0: none given
  Record record;
};

// Reads the rows of an import in one format; the same reader serves the check and the writing.
class ImportRows {
 public:
  ImportRows(const Domain& domain, std::string_view text, ImportFormat format, std::string now)
      : domain_(domain), text_(text), format_(format), now_(std::move(now)) {}

  // Calls visit(row or error, bytes read) for each row; a false answer ends it.
  void each(const std::function<bool(Result<ImportRow>, std::size_t)>& visit) const {
    if (format_ == ImportFormat::kJsonLines) {
      each_json(visit);
    } else {
      each_delimited(visit);
    }
  }

 private:
  void each_json(const std::function<bool(Result<ImportRow>, std::size_t)>& visit) const {
    std::size_t line = 0;
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      const std::string_view row = text_.substr(at, end - at);
      at = end + 1;
      ++line;
      if (row.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      if (!visit(read_json(row, line), end)) return;
    }
  }

  Result<ImportRow> read_json(std::string_view text, std::size_t line) const {
    const std::string place = "line " + std::to_string(line);
    const std::string_view loc[] = {"body", place};
    Result<boost::json::value> value = parse_strict_json(text);
    if (!value) {
      Error error = value.error();
      for (FieldFault& fault : error.faults) fault.loc = {"body", place};
      return error;
    }
    const boost::json::object* object = value->if_object();
    Result<ItemId> id = given_id(object ? object->if_contains(domain_.item_id_field) : nullptr, domain_, loc);
    if (!id) return id.error();
    supply_creation_time(*value);
    const std::string_view ignored[] = {domain_.item_id_field};
    Result<Record> record = domain_.items.check(*value, loc, ignored);
    if (!record) return record.error();
    return ImportRow{*id, *std::move(record)};
  }

  void supply_creation_time(boost::json::value& value) const {
    boost::json::object* object = value.if_object();
    if (object != nullptr && domain_.items.field(kCreationTime) != nullptr &&
        !object->contains(kCreationTime)) {
      (*object)[kCreationTime] = now_;
    }
  }

  void each_delimited(const std::function<bool(Result<ImportRow>, std::size_t)>& visit) const {
    DelimitedReader reader{text_, format_ == ImportFormat::kCsv ? ',' : '\t'};
    if (!reader.next()) return;
    std::vector<std::string> header{reader.cells().begin(), reader.cells().end()};
    const bool add_time = domain_.items.field(kCreationTime) != nullptr &&
                          std::find(header.begin(), header.end(), kCreationTime) == header.end();
    if (add_time) header.emplace_back(kCreationTime);
    // Looked for in the whole header: without an id column this lies behind every cell.
    const auto id_column = std::find(header.begin(), header.end(), domain_.item_id_field) - header.begin();
    std::vector<std::string_view> cells;
    while (reader.next()) {
      cells.assign(reader.cells().begin(), reader.cells().end());
      const bool whole = cells.size() + (add_time ? 1 : 0) == header.size();
      if (add_time) cells.push_back(now_);
      Result<ImportRow> row =
          whole ? read_cells(header, cells, static_cast<std::size_t>(id_column), reader.line())
                : wrong_width(reader, header.size() - (add_time ? 1 : 0));
      if (!reader.closed()) row = line_fault(reader.line(), "a quoted cell is never closed");
      if (!visit(std::move(row), reader.offset())) return;
    }
  }

  static Error line_fault(std::size_t line, std::string message) {
    return invalid_fields({{{"body", "line " + std::to_string(line)}, std::move(message), "value_error"}});
  }
  static Result<ImportRow> wrong_width(const DelimitedReader& reader, std::size_t wanted) {
    return line_fault(reader.line(), "the row has " + std::to_string(reader.cells().size()) +
                                         " cells; the header has " + std::to_string(wanted));
  }

  Result<ImportRow> read_cells(const std::vector<std::string>& header,
                               const std::vector<std::string_view>& cells, std::size_t id_column,
                               std::size_t line) const {
    const std::string place = "line " + std::to_string(line);
    const std::string_view loc[] = {"body", place};
    ItemId id;
    if (id_column < cells.size() && !cells[id_column].empty()) {
      Result<boost::json::value> number = parse_strict_json(cells[id_column]);
      const boost::json::value text{cells[id_column]};
      Result<ItemId> given = given_id(number ? &number.value() : &text, domain_, loc);
      if (!given) return given.error();
      id = *given;
    }
    const std::string_view ignored[] = {domain_.item_id_field};
    Result<Record> record = domain_.items.check_cells(header, cells, loc, ignored);
    if (!record) return record.error();
    return ImportRow{id, *std::move(record)};
  }

  const Domain& domain_;
  const std::string_view text_;
  const ImportFormat format_;
  const std::string now_;
};

}  // namespace

Catalog::Catalog(std::shared_ptr<const Domain> domain, storage::Store& store, Serving& serving,
                 const Clock& clock)
    : domain_(std::move(domain)), store_(store), serving_(serving), clock_(clock) {}

std::int64_t Catalog::size() const {
  return static_cast<std::int64_t>(serving_.current()->catalog->live_items());
}

// Changes are planned on the catalog as it is stored, not as it was a moment ago in memory.
std::shared_ptr<const ml::Catalog> Catalog::newest() {
  serving_.wait_for_catalog(store_.catalog_version());
  return serving_.current()->catalog;
}

Result<Item> Catalog::get(ItemId id) {
  Result<storage::ItemRecord> record = store_.item(id, store_.catalog_version());
  if (!record) return record.error().code == ErrorCode::kNotFound ? not_found(*domain_, id) : record.error();
  if (record->deleted) return not_found(*domain_, id);
  return Item{id, std::move(record->payload)};
}

Result<std::vector<Item>> Catalog::list(std::int64_t offset, std::int64_t limit) {
  const auto catalog = newest();
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
                                    std::optional<storage::Keep<std::int64_t>> keep) {
  const bool last = part.last;
  std::promise<Result<std::int64_t>> promise;
  std::future<Result<std::int64_t>> written = promise.get_future();
  store_.write_items(std::move(part), std::move(keep),
                     [&promise](Result<std::int64_t> outcome) { promise.set_value(std::move(outcome)); });
  Result<std::int64_t> outcome = written.get();
  if (outcome && last) serving_.wait_for_catalog(*outcome);
  return outcome;
}

// History names items by their ids, so not even a deleted one's is given again. Memory knows the items that
// were deleted since the start; the store, which is asked once, those from before.
Result<ItemId> Catalog::next_id(const ml::Catalog& catalog, std::int64_t highest) {
  if (!highest_stored_) {
    std::int64_t stored = 0;
    const auto read = store_.each_change(
        0, [&](const storage::ItemRecord& item) { stored = std::max(stored, item.id.value); });
    if (!read) return read.error();
    highest_stored_ = stored;
  }
  highest = std::max(highest, *highest_stored_);
  for (const auto& chunk : catalog.chunks()) {
    for (const ItemId id : chunk->ids) highest = std::max(highest, id.value);
  }
  return ItemId{highest + 1};
}

Result<Item> Catalog::add(const boost::json::value& body, const KeepItem& keep) {
  const std::string_view loc[] = {"body"};
  const boost::json::object* object = body.if_object();
  Result<ItemId> id = given_id(object ? object->if_contains(domain_->item_id_field) : nullptr, *domain_, loc);
  Result<Record> record = check_new(body, loc);
  if (!record || !id) {
    std::vector<FieldFault> faults;
    if (!id) faults = id.error().faults;
    if (!record) faults.insert(faults.end(), record.error().faults.begin(), record.error().faults.end());
    return invalid_fields(std::move(faults));
  }
  const std::lock_guard lock{changing_};
  const auto catalog = newest();
  if (id->value != 0 && catalog->find(*id)) {
    return Error{ErrorCode::kAlreadyExists,
                 "There is already a " + domain_->item.one + " " + std::to_string(id->value)};
  }
  if (id->value == 0) id = next_id(*catalog, 0);
  if (!id) return id.error();
  Item item{*id, std::move(record->payload)};
  if (item.id.value > kMaxItemId) return no_free_id(*domain_);
  Result<std::int64_t> version =
      write({catalog->version() + 1, {{item.id, item.payload}}}, keep ? keep(item) : std::nullopt);
  if (!version) return version.error();
  return item;
}

Result<Item> Catalog::change(ItemId id, const boost::json::value& changes) {
  const std::lock_guard lock{changing_};
  Result<Item> item = get(id);
  if (!item) return item;
  const std::string_view loc[] = {"body"};
  const std::string_view ignored[] = {domain_->item_id_field};
  Result<Record> record = domain_->items.patch(item->payload, changes, loc, ignored);
  if (!record) return record.error();
  item->payload = std::move(record->payload);
  Result<std::int64_t> version = write({newest()->version() + 1, {{id, item->payload}}});
  if (!version) return version.error();
  return item;
}

Status Catalog::remove(ItemId id) {
  const std::lock_guard lock{changing_};
  Result<Item> item = get(id);
  if (!item) return item.error();
  Result<std::int64_t> version = write({newest()->version() + 1, {{id, std::nullopt}}});
  if (!version) return version.error();
  return {};
}

Result<ImportReport> Catalog::import(std::string_view text, ImportFormat format,
                                     const std::function<void(double)>& progress) {
  const ImportRows rows{*domain_, text, format, to_iso8601(clock_.wall())};
  ImportReport report;
  std::vector<FieldFault> faults;
  std::int64_t highest = 0;  // id that a row brings
  std::int64_t without_id = 0;
  const auto tell = [&](double share) {
    if (progress) progress(share);
  };
  rows.each([&](Result<ImportRow> row, std::size_t bytes) {
    if (!row) {
      faults.insert(faults.end(), row.error().faults.begin(), row.error().faults.end());
      return faults.size() < kMaxImportFaults;
    }
    highest = std::max(highest, row->id.value);
    without_id += row->id.value == 0 ? 1 : 0;
    report.unknown_fields += static_cast<std::int64_t>(row->record.unknown_fields);
    if (++report.rows % 1000 == 0) tell(0.4 * static_cast<double>(bytes) / static_cast<double>(text.size()));
    return true;
  });
  if (faults.size() > kMaxImportFaults) faults.resize(kMaxImportFaults);
  if (!faults.empty()) return invalid_fields(std::move(faults));

  const std::lock_guard lock{changing_};
  const auto catalog = newest();
  report.catalog_version = catalog->version();
  if (report.rows == 0) return report;
  const std::int64_t version = catalog->version() + 1;
  ItemId next;
  if (without_id > 0) {
    const Result<ItemId> free = next_id(*catalog, highest);  // no row takes an id that a later one brings
    if (!free) return free.error();
    if (free->value + without_id - 1 > kMaxItemId) return no_free_id(*domain_);
    next = *free;
  }
  std::unordered_set<ItemId> brought;
  storage::CatalogWrite chunk{version, {}, true, false};
  Status fault;
  std::int64_t left = report.rows;
  rows.each([&](Result<ImportRow> row, std::size_t bytes) {
    if (!row) {
      fault = row.error();
      return false;
    }
    const ItemId id = row->id.value != 0 ? row->id : ItemId{next.value++};
    const bool known = row->id.value != 0 && (!brought.insert(id).second || catalog->find(id));
    ++(known ? report.updated : report.created);
    chunk.items.push_back({id, std::move(row->record.payload)});
    chunk.last = --left == 0;
    if (chunk.items.size() < kImportChunk && !chunk.last) return true;
    Result<std::int64_t> written = write(std::exchange(chunk, {version, {}, false, false}));
    if (!written) fault = written.error();
    tell(0.4 + 0.6 * static_cast<double>(bytes) / static_cast<double>(text.size()));
    return fault.ok();
  });
  if (!fault) return fault.error();
  report.catalog_version = version;
  return report;
}

}  // namespace rankloop::app
