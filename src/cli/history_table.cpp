// Turns the rows of a table into lines of history.
#include "cli/history_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "app/bad_rows.h"
#include "domain/imported_names.h"
#include "domain/item_keys.h"
#include "domain/schema_names.h"
#include "domain/strict_json.h"
#include "domain/table_cells.h"
#include "tables/header.h"

namespace rankloop::cli {
namespace {

class TableReader {
 public:
  TableReader(HistoryTable table, const Domain& domain, const HistoryColumns& columns,
              app::UnknownNames& unknown, const HistoryListener& listener)
      : file_(std::move(table.file)),
        domain_(domain),
        columns_(columns),
        unknown_(unknown),
        listener_(listener),
        rows_(std::move(table.rows)),
        size_(table.size) {}

  Status read(const std::stop_token& stop) {
    if (Status header = read_header(); !header) return header;
    while (!stop.stop_requested() && rows_->next()) {
      if (Status row = read_row(); !row) return row;
      listener_.progress(static_cast<double>(rows_->taken()), size_);
    }
    if (!rows_->status()) return rows_->status();
    for (const std::string& name : unknown_columns_) unknown_.add(name, row_);
    return stop.stop_requested() ? Status{} : end_request();
  }
  HistoryTableReport report() const {
    const bool lines = rows_->separator() == '\0';
    return {rows_->separator(), group_, lines ? written_[group_] : std::string{}, repeated_headers_};
  }

 private:
  using Column = std::optional<std::size_t>;

  Error fault(const std::string& what) const {
    return {ErrorCode::kInvalidArgument, file_ + ":" + std::to_string(rows_->line()) + ": " + what};
  }
  Error bad_cell(std::string_view column, std::string_view value, std::string_view allowed) const {
    return fault("column '" + std::string{column} + "' has '" + std::string{value} + "'; allowed is " +
                 std::string{allowed});
  }

  Column column(const std::string& name) const {
    for (const auto& names : {std::cref(written_), std::cref(header_)}) {
      const auto found = std::find(names.get().begin(), names.get().end(), name);
      if (found != names.get().end()) return static_cast<std::size_t>(found - names.get().begin());
    }
    return std::nullopt;
  }

  Status read_header() {
    if (Status read = rows_->read_header(known_names()); !read) {
      if (rows_->line() > 0) return fault(read.error().message);
      return Error{read.error().code, file_ + " " + read.error().message};
    }
    written_ = rows_->header();
    const std::array sides = {ImportedNames(domain_, Side::kRequest), ImportedNames(domain_, Side::kItem)};
    header_ = known_columns(written_, sides);
    const std::string& item_name = columns_.item.empty() ? domain_.item_id_field : columns_.item;
    const auto group = column(columns_.request);
    const auto picked = column(columns_.picked);
    item_ = column(item_name);
    if (!group) return no_column(columns_.request, "--request-column names the request of a row");
    if (!picked) return no_column(columns_.picked, "--picked-column says how many picked the row");
    const bool numbered = columns_.number_rows && domain_.item_id_type == ItemIdType::kNumber;
    if (!item_ && !numbered) {
      std::string hint = "--item-column names the items' ids";
      if (domain_.item_id_type == ItemIdType::kNumber) {
        hint +=
            ", or --number-rows takes the number of each row for one, as 'import items --number-rows' counts "
            "them";
      }
      return no_column(item_name, hint);
    }
    group_ = *group;
    picked_ = *picked;
    if (Status found = find_optional(columns_.user, "user_key", "--user-column", user_); !found) return found;
    if (Status found = find_optional(columns_.at, "at", "--at-column", at_); !found) return found;
    return sort_columns();
  }

  std::vector<std::string_view> known_names() const {
    std::vector<std::string_view> names = names_of(domain_.requests);
    for (const std::string_view name : names_of(domain_.items)) names.push_back(name);
    for (const std::string_view name :
         {std::string_view{columns_.request}, std::string_view{columns_.picked},
          std::string_view{columns_.item}, std::string_view{columns_.user}, std::string_view{columns_.at},
          std::string_view{domain_.item_id_field}, std::string_view{"user_key"}, std::string_view{"at"}})
      names.push_back(name);
    return names;
  }

  // A column that is asked for must be there; one that only has the preset name must not be the domain's.
  Status find_optional(const std::string& asked, const std::string& preset, const std::string& option,
                       Column& into) const {
    into = column(asked.empty() ? preset : asked);
    if (!asked.empty() && !into) return no_column(asked, option + " asks for it");
    if (asked.empty() && (knows(domain_.requests, preset) || knows(domain_.items, preset))) into.reset();
    return {};
  }

  Error no_column(const std::string& name, const std::string& hint) const {
    return fault("there is no column '" + name + "'" + tables::nearest_columns({name}, header_) +
                 " The header has " + tables::listed(header_) + "; " + hint);
  }

  // Which columns all rows of a request must agree in, and which nobody knows.
  Status sort_columns() {
    app::UnknownNames unknown;
    const bool of_bad_rows =
        header_.size() > 2 && app::begins_as_bad_row(header_[0], header_[1], domain_.requests);
    for (std::size_t i = of_bad_rows ? 2 : 0; i < header_.size(); ++i) {
      const bool of_request = knows(domain_.requests, header_[i]);
      if (of_request || i == user_ || i == at_) shared_.push_back(i);
      const bool used = i == group_ || i == picked_ || i == item_ || i == user_ || i == at_;
      if (used || of_request || knows(domain_.items, header_[i])) continue;
      unknown_columns_.push_back(written_[i]);
      unknown.add(written_[i]);
    }
    if (!columns_.strict || unknown_columns_.empty()) return {};
    return fault("not known to the domain: " + in_words(unknown.told(names_of(domain_.requests))));
  }

  // A bad row ends the reading, or where somebody takes bad requests, makes its request one.
  Status read_row() {
    if (rows_->is_header_again()) {
      ++repeated_headers_;
      return {};
    }
    const bool unreadable = rows_->is_unreadable();
    const Status row = take_row();
    if (row || !listener_.take_bad) return row;
    if (unreadable) rows_->pass_over();
    if (!ended_) return row;  // it is not this row that is bad
    std::string reason = row.error().message;
    reason.erase(0, (file_ + ":" + std::to_string(rows_->line()) + ": ").size());
    if (open_) {
      if (spoiled_.empty()) spoiled_ = std::move(reason);
      return {};
    }
    return listener_.take_bad(rows_->line(), std::move(reason), unreadable);
  }

  Status take_row() {
    ended_ = true;
    if (const std::string why = rows_->why_bad(); !why.empty()) return fault(why);
    const auto cells = rows_->cells();
    ++row_;
    if (!open_ || cells[group_] != request_) {
      if (Status ended = end_request(); !ended) {
        ended_ = false;
        return ended;
      }
      if (Status begun = begin_request(); !begun) return begun;
    } else if (Status same = check_shared(); !same) {
      return same;
    }
    return spoiled_.empty() ? add_item() : Status{};
  }

  Status add_item() {
    const auto cells = rows_->cells();
    const Result<std::string> item = item_ ? id_in(cells[*item_]) : std::to_string(row_);
    if (!item) return item.error();
    const std::string& id = *item;
    const auto picks = picks_of(cells[picked_]);
    if (!picks) return bad_cell(columns_.picked, cells[picked_], "a number from 0 on, true or false");
    shown_ += (shown_.empty() ? "" : ",") + id;
    if (*picks > 0) {
      picks_ += (picks_.empty() ? "" : ",") + (R"({"item":)" + id + R"(,"weight":)");
      append_json_number(picks_, *picks);
      picks_ += '}';
    }
    return {};
  }

  // As JSON.
  Result<std::string> id_in(std::string_view cell) const {
    if (domain_.item_id_type == ItemIdType::kText) {
      if (is_item_key(cell)) return in_words(ItemName{cell});
      return bad_cell(header_[*item_], cell, allowed_item_id(ItemIdType::kText));
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
    if (error == std::errc{} && end == cell.data() + cell.size()) return std::to_string(number);
    return bad_cell(header_[*item_], cell, "a whole number, the id of an item");
  }

  static std::optional<double> picks_of(std::string_view cell) {
    if (const auto number = cell_number(cell)) return *number < 0 ? std::nullopt : number;
    const auto flag = cell_flag(cell);
    return flag ? std::optional(*flag ? 1.0 : 0.0) : std::nullopt;
  }

  Status begin_request() {
    const auto cells = rows_->cells();
    open_ = true;
    line_ = rows_->line();
    request_ = cells[group_];
    const auto [begun, first] = begun_.emplace(cells[group_], rows_->line());
    if (!first) {
      return fault("request '" + begun->first + "' began at line " + std::to_string(begun->second) +
                   " and other requests stand between; the rows of a request stand together");
    }
    const std::vector<std::string_view> loc = {};
    const auto record = domain_.requests.check_cells(header_, cells, loc);
    if (!record) return fault(record.error().message);
    std::string head = R"({"id":)";
    append_json_string(head, columns_.id_prefix + std::string{cells[group_]});
    head += R"(,"request":)" + record->payload;
    if (user_ && !is_absent(cells[*user_])) {
      head += R"(,"user_key":)";
      append_json_string(head, cells[*user_]);
    }
    if (at_ && !is_absent(cells[*at_])) {
      const auto moment = cell_moment(cells[*at_]);
      if (!moment) {
        return bad_cell(header_[*at_], cells[*at_],
                        "a moment with its offset, as 2026-03-01T12:00:00Z, or seconds since 1970");
      }
      head += R"(,"at":")" + to_iso8601(*moment) + '"';
    }
    head_ = std::move(head);
    shown_.clear();
    picks_.clear();
    first_cells_.clear();
    for (const std::size_t i : shared_) first_cells_.emplace_back(cells[i]);
    return {};
  }

  static bool is_absent(std::string_view cell) { return cell.empty() || is_word_for_nothing(cell); }

  // What the request says is said in each of its rows, and nothing else.
  Status check_shared() const {
    if (!spoiled_.empty()) return {};
    for (std::size_t i = 0; i < shared_.size(); ++i) {
      const std::string_view cell = rows_->cells()[shared_[i]];
      if (cell == first_cells_[i]) continue;
      return bad_cell(header_[shared_[i]], cell,
                      "'" + first_cells_[i] + "', as in the first row of request '" + request_ +
                          "' at line " + std::to_string(line_));
    }
    return {};
  }

  Status end_request() {
    if (!std::exchange(open_, false)) return {};
    if (!spoiled_.empty()) return listener_.take_bad(line_, std::exchange(spoiled_, {}), false);
    return listener_.take(head_ + R"(,"shown":[)" + shown_ + R"(],"picked":[)" + picks_ + "]}", line_);
  }

  const std::string file_;
  const Domain& domain_;
  const HistoryColumns& columns_;
  app::UnknownNames& unknown_;
  const HistoryListener& listener_;
  const std::unique_ptr<tables::TableRows> rows_;
  const double size_;

  std::vector<std::string> written_;  // the header
  std::vector<std::string> header_;   // as the domain knows the columns
  std::size_t group_ = 0;
  std::size_t picked_ = 0;
  Column item_;
  Column user_;
  Column at_;
  std::vector<std::size_t> shared_;
  std::vector<std::string> unknown_columns_;

  std::int64_t row_ = 0;
  std::int64_t repeated_headers_ = 0;
  bool ended_ = true;                                      // whoever took the request before this row took it
  std::map<std::string, std::size_t, std::less<>> begun_;  // at which line each request began
  // The request that is being read.
  bool open_ = false;
  std::string spoiled_;  // why it is bad
  std::size_t line_ = 0;
  std::string request_;
  std::vector<std::string> first_cells_;  // in step with shared_
  std::string head_;
  std::string shown_;
  std::string picks_;
};

}  // namespace

Result<HistoryTableReport> read_history_table(HistoryTable table, const Domain& domain,
                                              const HistoryColumns& columns, app::UnknownNames& unknown,
                                              const HistoryListener& listener, const std::stop_token& stop) {
  TableReader reader(std::move(table), domain, columns, unknown, listener);
  if (Status read = reader.read(stop); !read) return read.error();
  return reader.report();
}

}  // namespace rankloop::cli
