// Asking a database, whatever its dialect: what a connection of every driver offers,
//   execute(name, values...)          runs a statement; answers how many rows it changed
//   each_row(name, visit, values...)  calls `visit` with each row until it answers false
//   stream(name, visit, values...)    the same of many rows, without memory for all; inside a snapshot only
// and what follows from it. A row is read by the names of its columns (columns.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "error/result.h"

namespace rankloop::storage {

// Bound and stored as bytes; plain text otherwise. Borrowed.
struct Blob {
  std::string_view bytes;
};

// Texts that may be absent are NULL then.
inline std::optional<Blob> blob_unless_empty(const std::string& bytes) {
  return bytes.empty() ? std::nullopt : std::optional{Blob{bytes}};
}
inline std::optional<std::string_view> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

template <class Map, class Connection>
using Mapped = std::invoke_result_t<const Map&, const typename Connection::Row&>;

// What `map` makes of the only row; nothing when there is none. A statement that changes rows is finished.
template <class Connection, class Map, class... Values>
std::optional<Mapped<Map, Connection>> the_row(Connection& connection, std::string_view name, const Map& map,
                                               const Values&... values) {
  std::optional<Mapped<Map, Connection>> found;
  connection.each_row(
      name,
      [&](const auto& row) {
        if (!found) found.emplace(map(row));
        return true;
      },
      values...);
  return found;
}

template <class Connection, class... Values>
bool has_row(Connection& connection, std::string_view name, const Values&... values) {
  return the_row(connection, name, [](const auto&) { return true; }, values...).has_value();
}

// What `map` makes of each row.
template <class Connection, class Map, class... Values>
std::vector<Mapped<Map, Connection>> all_rows(Connection& connection, std::string_view name, const Map& map,
                                              const Values&... values) {
  std::vector<Mapped<Map, Connection>> found;
  connection.each_row(
      name,
      [&](const auto& row) {
        found.push_back(map(row));
        return true;
      },
      values...);
  return found;
}

// The records of rows that may be unreadable, or why the first of those is.
template <class Record>
Result<std::vector<Record>> all_readable(std::vector<Result<Record>> read) {
  std::vector<Record> records;
  records.reserve(read.size());
  for (Result<Record>& one : read) {
    if (!one) return one.error();
    records.push_back(*std::move(one));
  }
  return records;
}
template <class Record>
Result<std::vector<Record>> all_readable(std::vector<Record> read) {
  return read;
}

// 0 when there is no such counter.
template <class Connection>
std::int64_t counter(Connection& connection, std::string_view name) {
  return the_row(
             connection, "counter", [](const auto& row) { return row.integer("value"); }, name)
      .value_or(0);
}

// The schema's version; 0 of an empty database. kFailedPrecondition, in the words `foreign`: it has tables,
// but not ours.
template <class Connection>
Result<int> schema_version(Connection& connection, const char* foreign) {
  struct Tables {
    std::int64_t all = 0;
    std::int64_t ours = 0;
  };
  const auto tables_of = [](const auto& row) {
    return Tables{row.integer("tables"), row.integer("migrations")};
  };
  const Tables tables = the_row(connection, "count_tables", tables_of).value();
  if (tables.all == 0) return 0;
  if (tables.ours == 0) return Error{ErrorCode::kFailedPrecondition, foreign};
  return the_row(connection, "schema_version", [](const auto& row) { return row.small("version"); }).value();
}

// Number of a distinct text, found or made.
template <class Connection, class... Values>
std::int64_t number_of(Connection& connection, std::string_view find, std::string_view add,
                       const Values&... values) {
  const auto id_of = [](const auto& row) { return row.integer("id"); };
  if (const auto found = the_row(connection, find, id_of, values...)) return *found;
  connection.execute(add, values...);
  return the_row(connection, find, id_of, values...).value();
}

}  // namespace rankloop::storage
