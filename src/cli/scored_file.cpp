// Reads scored files and lines up two of them.
#include "cli/scored_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <sstream>

#include "domain/closest_name.h"
#include "domain/strict_json.h"
#include "domain/table_cells.h"
#include "tables/header.h"
#include "tables/row_reader.h"

namespace rankloop::cli {
namespace {

Error at_line(const std::string& file, std::size_t line, const std::string& message) {
  return {ErrorCode::kInvalidArgument, file + ":" + std::to_string(line) + ": " + message};
}

std::string shown(double value) {
  std::string text;
  append_json_number(text, value);
  return text;
}

struct Columns {
  std::size_t request = 0;
  std::size_t label = 0;
  std::size_t score = 0;
  std::optional<std::size_t> person;
  std::optional<std::size_t> weight;
  std::size_t count = 0;
};

Result<std::optional<std::size_t>> find_column(const std::string& file, std::size_t line,
                                               const std::vector<std::string_view>& header,
                                               std::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) return std::optional<std::size_t>{};
  if (std::find(found + 1, header.end(), name) != header.end())
    return at_line(file, line, "the column '" + std::string{name} + "' stands there twice; allowed is once");
  return std::optional{static_cast<std::size_t>(found - header.begin())};
}

Error missing_column(const std::string& file, std::size_t line, const std::vector<std::string_view>& header,
                     std::string_view name) {
  std::string message = "the header has no column '" + std::string{name} + "', only ";
  for (std::size_t i = 0; i < header.size(); ++i)
    message += (i > 0 ? ", '" : "'") + std::string{header[i]} + "'";
  if (const auto close = closest_name(name, header))
    message += "; is '" + std::string{*close} + "' meant?";
  else
    message += "; needed are request, label and score, separated by " +
               std::string{file.ends_with(".csv") ? "commas" : "tabs"};
  return at_line(file, line, message);
}

Result<Columns> read_header(const std::string& file, tables::DelimitedReader& reader) {
  if (!reader.next()) {
    return at_line(file, 1, "the file is empty; needed is a header with request, label and score");
  }
  const std::vector<std::string_view>& header = reader.cells();
  Columns columns;
  columns.count = header.size();
  const std::array<std::pair<std::string_view, std::size_t*>, 3> needed = {
      {{"request", &columns.request}, {"label", &columns.label}, {"score", &columns.score}}};
  for (const auto& [name, place] : needed) {
    const auto column = find_column(file, reader.line(), header, name);
    if (!column) return column.error();
    if (!*column) return missing_column(file, reader.line(), header, name);
    *place = **column;
  }
  const auto person = find_column(file, reader.line(), header, "person");
  if (!person) return person.error();
  columns.person = *person;
  const auto weight = find_column(file, reader.line(), header, "weight");
  if (!weight) return weight.error();
  columns.weight = *weight;
  return columns;
}

// Collects rows as they come; the grouping is done at the end, once.
class RowCollector {
 public:
  RowCollector(const std::string& file, const Columns& columns) : file_(file), columns_(columns) {}

  Status add(const std::vector<std::string_view>& cells, std::size_t line) {
    if (cells.size() != columns_.count) {
      return at_line(file_, line,
                     "the row has " + std::to_string(cells.size()) + " cells; the header names " +
                         std::to_string(columns_.count) + " columns");
    }
    const std::string_view label = cells[columns_.label];
    const std::string_view score = cells[columns_.score];
    const auto label_number = cell_number(label);
    const auto score_number = cell_number(score);
    if (!label_number || *label_number < 0) return bad_cell(line, "label", label, "a finite number from 0");
    if (!score_number) return bad_cell(line, "score", score, "a finite number");
    const std::string_view name = cells[columns_.request];
    if (name.empty()) return bad_cell(line, "request", name, "any text that is not empty");
    const auto [place, fresh] = numbers_.try_emplace(std::string{name}, rows_.request_names.size());
    if (fresh) rows_.request_names.emplace_back(name);
    if (columns_.person) {
      if (Status same = add_person(place->second, fresh, cells[*columns_.person], line); !same) return same;
    }
    if (columns_.weight) {
      const std::string_view weight = cells[*columns_.weight];
      const auto weight_number = cell_number(weight);
      if (!weight_number || *weight_number < 0)
        return bad_cell(line, "weight", weight, "a finite number from 0");
      rows_.weights.push_back(*weight_number);
    }
    rows_.labels.push_back(*label_number);
    rows_.scores.push_back(*score_number);
    rows_.requests.push_back(static_cast<std::int64_t>(place->second));
    rows_.lines.push_back(line);
    return {};
  }

  ScoredRows grouped() && {
    std::vector<std::size_t> order(rows_.requests.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return rows_.requests[a] < rows_.requests[b]; });
    ScoredRows grouped;
    grouped.request_names = std::move(rows_.request_names);
    grouped.people = std::move(rows_.people);
    for (const std::size_t row : order) {
      grouped.scores.push_back(rows_.scores[row]);
      grouped.labels.push_back(rows_.labels[row]);
      if (columns_.weight) grouped.weights.push_back(rows_.weights[row]);
      grouped.requests.push_back(rows_.requests[row]);
      grouped.lines.push_back(rows_.lines[row]);
    }
    return grouped;
  }

 private:
  Error bad_cell(std::size_t line, std::string_view column, std::string_view value,
                 std::string_view allowed) const {
    return at_line(file_, line,
                   "column '" + std::string{column} + "': '" + std::string{value} +
                       "' is not allowed; needed is " + std::string{allowed});
  }

  Status add_person(std::size_t request, bool fresh, std::string_view person, std::size_t line) {
    if (fresh) rows_.people.emplace_back(person);
    if (rows_.people[request] == person) return {};
    return bad_cell(line, "person", person,
                    "'" + rows_.people[request] + "', as in the other rows of request '" +
                        rows_.request_names[request] + "'");
  }

  const std::string& file_;
  const Columns& columns_;
  std::map<std::string, std::size_t, std::less<>> numbers_;  // by the request's name
  ScoredRows rows_;
};

// Where the rows of each request begin, and after them all the number of rows.
std::vector<std::size_t> first_rows(const ScoredRows& rows) {
  std::vector<std::size_t> first(rows.request_names.size() + 1, rows.scores.size());
  for (std::size_t row = rows.requests.size(); row-- > 0;)
    first[static_cast<std::size_t>(rows.requests[row])] = row;
  return first;
}

// Two files that are to hold the same requests.
struct NamedRows {
  const ScoredRows& rows;
  const std::string& file;
  const std::vector<std::size_t> first = first_rows(rows);

  std::size_t count(std::size_t request) const { return first[request + 1] - first[request]; }
};

using RequestPlaces = std::map<std::string_view, std::size_t>;  // by name

RequestPlaces places_of(const ScoredRows& rows) {
  RequestPlaces places;
  for (std::size_t i = 0; i < rows.request_names.size(); ++i) places.emplace(rows.request_names[i], i);
  return places;
}

Status all_known(const NamedRows& rows, const RequestPlaces& known, const std::string& known_file) {
  for (std::size_t i = 0; i < rows.rows.request_names.size(); ++i) {
    const std::string& name = rows.rows.request_names[i];
    if (known.contains(name)) continue;
    return at_line(rows.file, rows.rows.lines[rows.first[i]],
                   "request '" + name + "' is not in " + known_file + "; both must hold the same requests");
  }
  return {};
}

// Whether request `a` of one file and `b` of the other have the same labels, row by row, and the same person.
Status same_request(const NamedRows& one, std::size_t a, const NamedRows& other, std::size_t b) {
  const std::string request = "request '" + one.rows.request_names[a] + "'";
  const std::size_t line = other.rows.lines[other.first[b]];
  if (one.count(a) != other.count(b)) {
    return at_line(other.file, line,
                   request + " has " + std::to_string(other.count(b)) + " rows, but " +
                       std::to_string(one.count(a)) + " in " + one.file + "; both must hold the same rows");
  }
  for (std::size_t i = 0; i < one.count(a); ++i) {
    const std::size_t row = one.first[a] + i;
    const std::size_t other_row = other.first[b] + i;
    if (one.rows.labels[row] == other.rows.labels[other_row]) continue;
    return at_line(other.file, other.rows.lines[other_row],
                   request + " has the label " + shown(other.rows.labels[other_row]) + " here, but " +
                       shown(one.rows.labels[row]) + " at " + one.file + ":" +
                       std::to_string(one.rows.lines[row]) +
                       "; both must hold the same rows in the same order");
  }
  if (!one.rows.people.empty() && !other.rows.people.empty() && one.rows.people[a] != other.rows.people[b]) {
    return at_line(other.file, line,
                   request + " has the person '" + other.rows.people[b] + "', but '" + one.rows.people[a] +
                       "' in " + one.file + "; both must name the same person");
  }
  return {};
}

}  // namespace

Result<ScoredRows> parse_scored_rows(const std::string& file, std::string_view text) {
  tables::DelimitedReader reader{text, tables::separator_of(text, file.ends_with(".csv") ? ',' : '\t')};
  const auto columns = read_header(file, reader);
  if (!columns) return columns.error();
  RowCollector collector{file, *columns};
  while (reader.next()) {
    if (!reader.fault().empty()) return at_line(file, reader.line(), std::string{reader.fault()});
    if (Status added = collector.add(reader.cells(), reader.line()); !added) return added.error();
  }
  return std::move(collector).grouped();
}

Result<ScoredRows> read_scored_file(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  std::stringstream text;
  const bool empty = in.peek() == std::ifstream::traits_type::eof();
  if (!empty) text << in.rdbuf();
  if (!in.is_open() || in.bad() || text.bad())
    return Error{ErrorCode::kNotFound, "cannot read '" + file + "'"};
  return parse_scored_rows(file, std::move(text).str());
}

Result<ScoredRows> aligned_with(const ScoredRows& rows, const std::string& file, const ScoredRows& other,
                                const std::string& other_file) {
  const NamedRows ours{rows, file};
  const NamedRows theirs{other, other_file};
  const RequestPlaces places = places_of(other);
  if (Status known = all_known(ours, places, other_file); !known) return known.error();
  if (Status known = all_known(theirs, places_of(rows), file); !known) return known.error();
  ScoredRows aligned;
  aligned.request_names = rows.request_names;
  for (std::size_t i = 0; i < rows.request_names.size(); ++i) {
    const std::size_t place = places.at(rows.request_names[i]);
    if (Status same = same_request(ours, i, theirs, place); !same) return same.error();
    for (std::size_t row = theirs.first[place]; row < theirs.first[place + 1]; ++row) {
      aligned.scores.push_back(other.scores[row]);
      aligned.labels.push_back(other.labels[row]);
      aligned.requests.push_back(static_cast<std::int64_t>(i));
      aligned.lines.push_back(other.lines[row]);
    }
    if (!other.people.empty()) aligned.people.push_back(other.people[place]);
  }
  return aligned;
}

}  // namespace rankloop::cli
