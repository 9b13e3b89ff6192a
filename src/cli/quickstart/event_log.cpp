// Reads logs row by row.
#include "cli/quickstart/event_log.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "domain/calendar.h"
#include "domain/table_cells.h"
#include "infer/column_profile.h"

namespace rankloop::cli {
namespace {

constexpr std::size_t kExamples = 3;

// The catalog's item that a cell names; else it is counted.
std::optional<ItemId> known_item(std::string_view cell, const KnownItems& items, ItemMatches& matches) {
  ++matches.rows;
  if (const auto item = items.find(cell)) return item;
  ++matches.unknown;
  const bool told =
      std::find(matches.examples.begin(), matches.examples.end(), cell) != matches.examples.end();
  if (!told && matches.examples.size() < kExamples) matches.examples.emplace_back(cell);
  return std::nullopt;
}

bool is_absent(std::string_view cell) {
  return cell.empty() || is_word_for_nothing(cell);
}

// Makes events of rows.
class Events {
 public:
  struct Columns {
    std::size_t item = 0;
    LogColumn person;
    LogColumn moment;
    LogColumn order;
    LogColumn pick;
  };

  Events(Columns columns, bool rated, std::size_t most, const KnownItems& items)
      : columns_(columns), rated_(rated), most_(most), items_(items) {}

  void take(std::span<const std::string_view> cells, std::size_t line) {
    const auto item = known_item(cells[columns_.item], items_, log_.items);
    if (!item) return leave_out(line, "names no item: " + infer::shortened(cells[columns_.item]));
    app::Event event{.item = *item, .person = {}, .order = {}, .at = {}, .line = line};
    if (columns_.pick && !read_value(cells[*columns_.pick], event.value)) return;
    if (columns_.moment) {
      event.at = moment_of_event(cells[*columns_.moment]);
      if (!event.at) {
        ++log_.momentless;
        return leave_out(line, "no moment: " + infer::shortened(cells[*columns_.moment]));
      }
    }
    if (columns_.person && !is_absent(cells[*columns_.person])) event.person = cells[*columns_.person];
    if (columns_.order && !is_absent(cells[*columns_.order])) event.order = cells[*columns_.order];
    log_.events.push_back(std::move(event));
    if (log_.events.size() >= 2 * most_) keep_newest();
  }

  void take_unreadable(std::size_t line, std::string why) {
    ++log_.unreadable;
    leave_out(line, std::move(why));
  }

  EventLog end() {
    if (rated_ && rows_rated_ > 0) leave_out_low_ratings(sum_ / static_cast<double>(rows_rated_));
    keep_newest();
    return std::move(log_);
  }

 private:
  void leave_out(std::size_t line, std::string why) {
    if (log_.bad.size() < app::kMostBadRows) log_.bad.push_back({line, std::move(why)});
  }

  // False, and counted, where nothing was picked.
  bool read_value(std::string_view cell, double& value) {
    const auto flag = cell_flag(cell);
    const auto number = cell_number(cell);
    value = number ? *number : flag && *flag ? 1 : 0;
    sum_ += value;
    ++rows_rated_;
    if (rated_ || value > 0) return true;
    ++log_.not_picked;
    return false;
  }

  void leave_out_low_ratings(double mean) {
    constexpr double kRounding = 1e-9;  // where all are the same, all are picks
    log_.not_picked +=
        std::erase_if(log_.events, [&](const app::Event& event) { return event.value < mean - kRounding; });
  }

  void keep_newest() {
    app::sort_events(log_.events);
    if (log_.events.size() <= most_) return;
    const std::size_t older = log_.events.size() - most_;
    log_.events.erase(log_.events.begin(), log_.events.begin() + static_cast<std::ptrdiff_t>(older));
    log_.older += older;
  }

  const Columns columns_;
  const bool rated_;
  const std::size_t most_;
  const KnownItems& items_;
  EventLog log_;
  double sum_ = 0;  // of all values
  std::size_t rows_rated_ = 0;
};

Result<Events::Columns> columns_of(const LogReader& log, const infer::HistoryColumnNames& names) {
  Events::Columns columns;
  LogColumn item;
  for (const auto& [name, into] :
       {std::pair{&names.item, &item}, std::pair{&names.person, &columns.person},
        std::pair{&names.moment, &columns.moment}, std::pair{&names.request, &columns.order},
        std::pair{&names.pick, &columns.pick}}) {
    auto column = log.column(*name);
    if (!column) return column.error();
    *into = *column;
  }
  columns.item = item.value_or(0);
  return columns;
}

}  // namespace

std::optional<ItemId> KnownItems::find(std::string_view cell) const {
  ItemName name{cell};
  if (!keys.are_texts()) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
    if (error != std::errc{} || end != cell.data() + cell.size()) return std::nullopt;
    name = ItemId{number};
  }
  const auto item = keys.find(name);
  return item && catalog.find(*item) ? item : std::nullopt;
}

std::optional<WallTime> moment_of_event(std::string_view cell) {
  constexpr double kMilliseconds = 1e11;  // what cell_moment() takes for no seconds of this age
  if (const auto moment = cell_moment(cell)) return moment;
  if (const auto number = cell_number(cell))
    return *number >= kMilliseconds ? moment_at(*number) : std::nullopt;
  if (const auto day = parse_date(cell)) return WallTime{*day};
  if (cell.size() < 16 || cell.size() > 32) return std::nullopt;
  if (const auto moment = parse_moment(std::string{cell} + "Z")) return moment;
  return parse_moment(std::string{cell} + ":00Z");
}

Result<ItemMatches> match_items(const LogTable& table, const std::string& item_column,
                                const KnownItems& items, const LogWatch& watch) {
  auto log = LogReader::open(table);
  if (!log) return log.error();
  const auto column = log->column(item_column);
  if (!column) return column.error();
  ItemMatches matches;
  const auto bad = [](std::size_t, const std::string&) {};
  const Status read = log->each(
      watch, bad, [&](auto cells, std::size_t) { known_item(cells[column->value_or(0)], items, matches); });
  if (!read) return read.error();
  return matches;
}

Result<EventLog> read_event_log(const LogTable& table, const infer::HistoryColumnNames& columns,
                                const KnownItems& items, std::size_t most, const LogWatch& watch) {
  auto log = LogReader::open(table);
  if (!log) return log.error();
  const auto found = columns_of(*log, columns);
  if (!found) return found.error();
  Events events(*found, columns.rated, most, items);
  const auto bad = [&](std::size_t line, std::string why) { events.take_unreadable(line, std::move(why)); };
  const Status read = log->each(watch, bad, [&](auto cells, std::size_t line) { events.take(cells, line); });
  if (!read) return read.error();
  return events.end();
}

}  // namespace rankloop::cli
