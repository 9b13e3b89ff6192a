// Imports items and history into an open store, each with its bar.
#include "cli/quickstart/tables_in.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <utility>

#include <fmt/core.h>

#include "cli/bad_rows_file.h"
#include "cli/history_batches.h"
#include "cli/history_table.h"
#include "cli/progress.h"
#include "cli/quickstart/request_facts.h"
#include "tables/header.h"

namespace rankloop::cli {
namespace {

constexpr std::size_t kMostEvents = 1'000'000;

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

app::ImportOptions reading_of(const NewCatalog& catalog, const QuickstartOptions& options) {
  const infer::Inferred& inferred = catalog.inferred;
  app::ImportOptions rows;
  rows.separator = inferred.items.separator;
  rows.format = rows.separator == '\0'   ? app::ImportFormat::kJsonLines
                : rows.separator == '\t' ? app::ImportFormat::kTsv
                                         : app::ImportFormat::kCsv;
  rows.text = options.table.text();
  rows.skip_bad = true;
  rows.id_column = options.id_column;
  if (catalog.domain_given) return rows;
  rows.number_rows = inferred.id_column.empty();
  return rows;
}

Status keep_bad_items(const ItemsIn& items, const QuickstartOptions& options, const tables::Bytes& bytes) {
  auto file = BadRowsFile::open(items.bad_rows_file, options.items);
  if (!file) return file.error();
  return file->write(bytes, options.table.text(), {items.report.separator, std::nullopt}, items.report.bad);
}

// Of lists whole requests, of events single rows.
Status keep_bad_history(HistoryIn& in, const LogTable& table, const std::string& data_dir) {
  if (in.bad.empty()) return {};
  in.bad_rows_file = data_dir + (table.separator == '\0' ? "/bad-history.jsonl" : "/bad-history.csv");
  auto file = BadRowsFile::open(in.bad_rows_file, table.file);
  if (!file) return file.error();
  RowShape shape{.separator = table.separator, .request_member = in.imported.request_member};
  if (!in.events) shape.request_column = in.imported.request_column;
  return file->write(table.bytes, table.text, shape, in.bad);
}

Result<LogTable> open_log(const std::string& file, const infer::TableFacts& facts,
                          const QuickstartOptions& options) {
  auto bytes = tables::Bytes::of_file(file);
  if (!bytes) return bytes.error();
  return LogTable{file, *std::move(bytes), options.table.text(), facts.separator};
}

Result<RequestFacts> read_facts(const NewCatalog& catalog, const QuickstartOptions& options,
                                const std::stop_token& stop) {
  if (options.requests.empty()) return RequestFacts{};
  const auto table = open_log(options.requests, *catalog.inferred.requests, options);
  if (!table) return table.error();
  const LogWatch watch{[](double, double) {}, stop};
  return RequestFacts::read(*table, catalog.inferred.history_columns, *catalog.domain, watch);
}

// The log's rows as requests of the store.
class HistoryImport {
 public:
  HistoryImport(server::Offline& offline, const NewCatalog& catalog, const LogTable& table,
                RequestFacts facts, bool quiet, const std::stop_token& stop)
      : offline_(offline),
        columns_(catalog.inferred.history_columns),
        table_(table),
        facts_(std::move(facts)),
        stop_(stop),
        bar_(std::cerr, progress_style(quiet), "importing history", "", offline.process.clock),
        batches_(into_store(offline.workspace.app().history, {.skip_bad = true, .text = utf8()}, stop),
                 in_.imported) {
    in_.events = columns_.events;
    in_.facts = facts_.rows();
    in_.facts_refused = facts_.refused();
  }

  Result<HistoryIn> run() {
    if (Status matched = match(); !matched) return matched.error();
    Status taken = columns_.events ? take_events() : take_lists();
    if (taken) taken = batches_.flush();
    if (stop_.stop_requested()) return Error{ErrorCode::kAborted, "the import was interrupted"};
    if (!taken) return taken.error();
    bar_.finish();
    gather_bad();
    if (in_.imported.requests + in_.imported.repeated > 0) return std::move(in_);
    return invalid(table_.file + ": no request can be imported" +
                   (in_.bad.empty()
                        ? std::string{}
                        : ": line " + std::to_string(in_.bad.front().line) + ": " + in_.bad.front().reason));
  }

 private:
  static tables::TextOptions utf8() { return {.encoding = tables::Encoding::kUtf8}; }
  app::ItemNames& names() const { return offline_.workspace.app().serving.item_names(); }
  LogWatch watch() {
    return {[this](double read, double all) { bar_.update(read, all); }, stop_};
  }

  // Before anything is written.
  Status match() {
    if (columns_.number_rows) return {};
    const auto state = offline_.workspace.app().serving.current();
    auto matches = match_items(table_, columns_.item, {*state->catalog, names().keys()}, watch());
    if (!matches) return matches.error();
    in_.items = *std::move(matches);
    if (in_.items.unknown < in_.items.rows) return {};
    std::string has;
    for (const ItemId id : state->catalog->ids_after({0}, 3))
      has += (has.empty() ? "" : ", ") + names().in_words(id);
    return invalid(table_.file + ": none of its " + std::to_string(in_.items.rows) +
                   " rows names an item of the catalog: column '" + columns_.item + "' has " +
                   tables::listed(in_.items.examples) + ", the catalog's ids are as " + has +
                   ". Say with --id-column which column of the items the log means");
  }

  Status take_lists() {
    HistoryColumns columns;
    columns.request = columns_.request;
    columns.picked = columns_.pick;
    columns.item = columns_.number_rows ? "" : columns_.item;
    columns.user = columns_.person;
    columns.at = columns_.moment;
    columns.number_rows = columns_.number_rows;
    auto rows = rows_of(table_);
    if (!rows) return rows.error();
    HistoryListener listener;
    listener.take = [&](std::string_view line, std::size_t number) {
      return batches_.add(facts_.filled(line), number);
    };
    listener.take_bad = [&](std::size_t line, std::string reason, bool unreadable) {
      return in_.imported.bad.add(line, std::move(reason), unreadable);
    };
    listener.progress = [&](double read, double all) { bar_.update(read, all); };
    const auto read =
        read_history_table({table_.file, *std::move(rows), static_cast<double>(table_.bytes.size())},
                           *offline_.workspace.domain, columns, in_.imported.unknown, listener, stop_);
    if (!read) return read.error();
    in_.imported.request_column = read->request_column;
    in_.imported.request_member = read->request_member;
    return {};
  }

  // Rows of events that are none, and requests that were refused, in the order of their lines.
  void gather_bad() {
    in_.bad = std::exchange(in_.log.bad, {});
    in_.bad_untold = in_.log.bad_rows() - in_.bad.size();
    const auto middle = static_cast<std::ptrdiff_t>(in_.bad.size());
    std::ranges::move(sorted_bad_rows(in_.imported), std::back_inserter(in_.bad));
    const auto by_line = [](const app::BadRow& a, const app::BadRow& b) { return a.line < b.line; };
    std::inplace_merge(in_.bad.begin(), in_.bad.begin() + middle, in_.bad.end(), by_line);
  }

  // As many as a training looks at; what is older would teach nobody.
  std::size_t most_events() const {
    const std::int64_t window = offline_.workspace.settings.training_window;
    return window == 0 ? kMostEvents : std::min(kMostEvents, static_cast<std::size_t>(window));
  }

  Status take_events() {
    const auto state = offline_.workspace.app().serving.current();
    auto log = read_event_log(table_, columns_, {*state->catalog, names().keys()}, most_events(), watch());
    if (!log) return log.error();
    in_.log = *std::move(log);
    const std::vector<app::Event> events = std::exchange(in_.log.events, {});
    if (events.empty()) {
      return invalid(table_.file + ": none of its rows says that something was picked" +
                     (columns_.pick.empty() ? "" : " in column '" + columns_.pick + "'"));
    }
    const std::vector<ItemId> ids = state->catalog->ids_after({0}, state->catalog->live_items());
    const auto id_of = [this](ItemId item) { return names().in_words(item); };
    double done = 0;
    return app::each_event_list(events, ids, [&](const app::EventList& list) -> Status {
      if (stop_.stop_requested()) return Error{ErrorCode::kAborted, "the import was interrupted"};
      done += static_cast<double>(list.picked.size());
      bar_.update(done, static_cast<double>(events.size()));
      return batches_.add(facts_.filled(app::history_line(list, id_of)), list.first->line);
    });
  }

  server::Offline& offline_;
  const infer::HistoryColumnNames& columns_;
  const LogTable& table_;
  const RequestFacts facts_;
  const std::stop_token& stop_;
  Progress bar_;
  HistoryIn in_;
  HistoryBatches batches_;
};

}  // namespace

Status check_history(const NewCatalog& catalog, const QuickstartOptions& options) {
  const infer::HistoryColumnNames& columns = catalog.inferred.history_columns;
  if (options.history.empty() || columns.importable) return {};
  const bool has_ids = !catalog.inferred.id_column.empty();
  if (!has_ids && !columns.number_rows) {
    return invalid(options.items + " has no column of ids, each once, by which " + options.history +
                   " could name its rows; if there is one, say which with --id-column");
  }
  if (columns.events && !columns.item.empty()) return {};
  std::string message = options.history + " cannot be learned from:";
  for (const std::string& doubt : catalog.inferred.doubts) message += " " + doubt + ";";
  message.pop_back();
  return invalid(message + ". rankloop import history --help says how a table of other columns is imported");
}

Result<ItemsIn> bring_items(server::Offline& offline, const NewCatalog& catalog,
                            const QuickstartOptions& options, const std::stop_token& stop) {
  ItemsIn in;
  app::Catalog& items = offline.workspace.app().catalog;
  const app::ImportOptions reading = reading_of(catalog, options);
  in.there_before = reading.number_rows && items.size() > 0;
  if (in.there_before) return in;
  const auto bytes = tables::Bytes::of_file(options.items);
  if (!bytes) return bytes.error();
  Progress bar{std::cerr, progress_style(options.json), "importing " + catalog.domain->item.many, "",
               offline.process.clock};
  const auto progress = [&](double share, std::int64_t rows) {
    bar.update(share, 1, fmt::format("{} rows", rows));
  };
  auto report = items.import(*bytes, reading, {.progress = progress, .stop = stop});
  bar.finish();
  if (stop.stop_requested()) return Error{ErrorCode::kAborted, "the import was interrupted"};
  if (!report) return report.error();
  in.report = *std::move(report);
  if (in.report.bad.empty()) return in;
  const bool lines = reading.format == app::ImportFormat::kJsonLines;
  in.bad_rows_file = catalog.settings.data_dir + (lines ? "/bad-items.jsonl" : "/bad-items.csv");
  if (Status kept = keep_bad_items(in, options, *bytes); !kept) return kept.error();
  if (in.report.rows > 0) return in;
  return invalid(options.items + ": no row can be imported: line " +
                 std::to_string(in.report.bad.front().line) + ": " + in.report.bad.front().reason);
}

Result<HistoryIn> bring_history(server::Offline& offline, const NewCatalog& catalog,
                                const QuickstartOptions& options, const std::stop_token& stop) {
  const infer::Inferred& inferred = catalog.inferred;
  const auto table = open_log(options.history, *inferred.history, options);
  if (!table) return table.error();
  auto facts = read_facts(catalog, options, stop);
  if (!facts) return facts.error();
  auto in = HistoryImport(offline, catalog, *table, *std::move(facts), options.json, stop).run();
  if (!in) return in;
  if (Status kept = keep_bad_history(*in, *table, catalog.settings.data_dir); !kept) return kept.error();
  return in;
}

}  // namespace rankloop::cli
