// Checks rows and hands them to the store in portions, while the store writes those before.
#include "app/serve/item_import.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "tables/header.h"

namespace rankloop::app {
namespace {

// Items per write: what others' writes wait for. Where there are no others, a flush of the disk may be for
// more.
constexpr std::size_t kPortion = 2'000;
constexpr std::size_t kPortionAlone = 10'000;
constexpr std::size_t kOnTheirWay = 2;  // portions that the store has not answered yet
constexpr std::size_t kMaxImportFaults = 100;
constexpr std::int64_t kTellEvery = 1'000;  // rows
constexpr std::size_t kPlace = 2;           // the body and the line, before a field's name

Error stopped() {
  return {ErrorCode::kUnavailable, "the import was stopped; nothing of it is there"};
}

}  // namespace

double rows_per_second(const ImportReport& report) {
  constexpr double kLeast = 1e-6;
  return static_cast<double>(report.rows) / std::max(report.seconds, kLeast);
}

boost::json::object to_json(const ImportReport& report) {
  boost::json::value separator;
  if (report.separator != '\0') separator = tables::name_of_separator(report.separator);
  return {{"rows", report.rows},
          {"created", report.created},
          {"updated", report.updated},
          {"catalog_version", report.catalog_version},
          {"unknown_fields", report.unknown_fields},
          {"unknown", to_json(std::span{report.unknown})},
          {"bad_rows", report.bad.size()},
          {"bad", to_json(report.bad)},
          {"repeated_headers", report.repeated_headers},
          {"separator", std::move(separator)},
          {"encoding", tables::name_of(report.encoding)},
          {"compression", tables::name_of(report.compression)},
          {"seconds", report.seconds},
          {"rows_per_second", rows_per_second(report)}};
}

ItemImport::ItemImport(storage::CatalogStore& store, const ml::Catalog& catalog, const ItemKeys& keys,
                       ItemRows& rows, const ImportOptions& options, const ImportWatch& watch,
                       std::uint64_t size)
    : store_(store),
      catalog_(catalog),
      rows_(rows),
      options_(options),
      watch_(watch),
      size_(size),
      portion_(watch.until_served ? kPortion : kPortionAlone),
      numbers_(keys) {}

Result<ImportReport> ItemImport::run(ItemId next) {
  next_ = next;
  report_.catalog_version = catalog_.version() + 1;
  if (options_.strict && !rows_.unknown_columns().empty()) {
    for (const std::string& column : rows_.unknown_columns()) unknown_.add(column);
    return verdict().error();
  }
  const Status read =
      rows_.each([this](Result<ItemRow> row, const RowPlace& place) { return take(std::move(row), place); });
  if (broken_ && !read) broken_ = read.error();
  for (const std::string& column : rows_.unknown_columns()) unknown_.add(column, report_.rows);
  Status done = verdict();
  // The last portion makes the others count, so it goes when they are all there.
  if (done) done = settle(0);
  if (done && report_.rows > 0) done = send(true);
  if (Status settled = settle(0); done && !settled) done = settled.error();
  if (!done) {
    // Of a version that somebody else is making by now, nothing here is ours.
    if (done.error().code != ErrorCode::kAborted) abandon();
    return done.error();
  }
  if (report_.rows == 0) report_.catalog_version = catalog_.version();
  count_ids();
  report_.unknown_fields = unknown_.total();
  report_.unknown = unknown_.told(rows_.known_names());
  report_.bad = bad_.take();
  report_.repeated_headers = rows_.repeated_headers();
  report_.separator = rows_.separator();
  report_.encoding = rows_.encoding();
  report_.compression = rows_.compression();
  if (report_.rows > 0) watch_.tell(1, report_.rows);
  return std::move(report_);
}

bool ItemImport::take(Result<ItemRow> row, const RowPlace& place) {
  if (watch_.stop.stop_requested()) broken_ = stopped();
  if (!broken_) return false;
  if (!row) return refuse(row.error(), place);
  count_unknown(*row);
  if (++report_.rows % kTellEvery == 0) watch_.tell(share(place), report_.rows);
  if (faults_.empty()) broken_ = put(*std::move(row));
  return broken_.ok();
}

// False: what follows is of no interest.
bool ItemImport::refuse(const Error& error, const RowPlace& place) {
  if (error.faults.empty()) {
    broken_ = error;
  } else if (options_.skip_bad) {
    broken_ = bad_.add(place.line, reason_of(error, kPlace), place.unreadable);
  } else {
    faults_.insert(faults_.end(), error.faults.begin(), error.faults.end());
    return faults_.size() < kMaxImportFaults && !place.unreadable && !place.same_for_all;
  }
  return broken_.ok();
}

void ItemImport::count_unknown(const ItemRow& row) {
  if (row.unknown_keys.empty()) return;
  for (const std::string& name : row.unknown_keys) unknown_.add(name);
  unknown_.add_nameless(static_cast<std::int64_t>(row.record.unknown_fields - row.unknown_keys.size()));
}

Status ItemImport::put(ItemRow row) {
  storage::ItemWrite item{row.name.number, std::move(row.record.payload)};
  if (row.name.empty()) {
    ++without_id_;
    item.id = {next_.value++};
  } else {
    if (!row.name.key.empty()) {
      if (Status numbered = numbers_.give(row.name.key, item); !numbered) return numbered;
    }
    ids_.push_back(item.id.value);
  }
  part_.items.push_back(std::move(item));
  return part_.items.size() < portion_ ? Status{} : send(false);
}

// Hands the portion on. It waits for the one before the last, so that there are never more than a few.
Status ItemImport::send(bool last) {
  part_.version = report_.catalog_version;
  part_.first = !std::exchange(begun_, true);
  part_.last = last;
  auto promise = std::make_shared<std::promise<Result<std::int64_t>>>();
  written_.push_back(promise->get_future());
  store_.write_items(std::exchange(part_, {}), std::nullopt,
                     [promise](Result<std::int64_t> outcome) { promise->set_value(std::move(outcome)); });
  part_.items.reserve(portion_);
  return settle(last ? 0 : kOnTheirWay);
}

// Waits until no more than so many portions are on their way.
Status ItemImport::settle(std::size_t left) {
  Status fault;
  while (written_.size() > left) {
    const Result<std::int64_t> outcome = written_.front().get();
    written_.pop_front();
    if (fault && !outcome) fault = outcome.error();
  }
  return fault;
}

// Why the import as a whole is refused; nothing, when it is not.
Status ItemImport::verdict() {
  if (!broken_) return broken_;
  if (faults_.size() > kMaxImportFaults) faults_.resize(kMaxImportFaults);
  if (!faults_.empty()) return invalid_fields(std::move(faults_));
  if (!options_.strict || unknown_.total() == 0) return {};
  return Error{ErrorCode::kInvalidArgument,
               "not known to the domain: " + in_words(unknown_.told(rows_.known_names()))};
}

// What is there already is no part of any version, but takes room: it is removed.
void ItemImport::abandon() {
  if (!begun_) return;
  storage::CatalogWrite nothing;
  nothing.version = report_.catalog_version;
  nothing.last = false;
  auto promise = std::make_shared<std::promise<Result<std::int64_t>>>();
  Written removed = promise->get_future();
  store_.write_items(std::move(nothing), std::nullopt,
                     [promise](Result<std::int64_t> outcome) { promise->set_value(std::move(outcome)); });
  removed.wait();
}

// Of rows with the same id the last one counts.
void ItemImport::count_ids() {
  std::sort(ids_.begin(), ids_.end());
  const auto distinct = std::unique(ids_.begin(), ids_.end());
  const auto is_new = [&](std::int64_t id) { return !catalog_.find({id}); };
  report_.created = without_id_ + std::count_if(ids_.begin(), distinct, is_new);
  report_.updated = report_.rows - report_.created;
}

double ItemImport::share(const RowPlace& place) const {
  return std::min(static_cast<double>(place.taken) / static_cast<double>(std::max<std::uint64_t>(size_, 1)),
                  1.0);
}

}  // namespace rankloop::app
