// The rows of a table that can be read, one after another, and where its columns stand.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"
#include "tables/row_reader.h"
#include "tables/text.h"

namespace rankloop::cli {

struct LogTable {
  std::string file;  // its name, for messages
  tables::Bytes bytes;
  tables::TextOptions text;
  char separator = ',';
};

// Who waits for a table to be read.
struct LogWatch {
  std::function<void(double read, double all)> progress;  // bytes
  std::stop_token stop;
};

using LogColumn = std::optional<std::size_t>;  // none: nobody asked for one

// Borrows the table. Used by one thread.
class LogReader {
 public:
  using Visit = std::function<void(std::span<const std::string_view> cells, std::size_t line)>;

  // kInvalidArgument: it has no header that can be read.
  static Result<LogReader> open(const LogTable& table);

  const std::vector<std::string>& header() const { return header_; }
  // Nothing for an empty name. kInvalidArgument: there is no such column.
  Result<LogColumn> column(const std::string& name) const;

  // Calls `visit` for each row that has as many cells as the header and is UTF-8; counts the others. A header
  // that comes again is none of both. Once. kAborted: a stop was requested.
  Status each(const LogWatch& watch, std::size_t& unreadable, const Visit& visit);

 private:
  LogReader(const LogTable& table, tables::Text text)
      : table_(&table), reader_(std::move(text.source), table.separator) {}
  Error fault(const std::string& what) const;
  bool is_good_row() const;

  const LogTable* table_;
  tables::DelimitedReader reader_;
  std::vector<std::string> header_;
};

}  // namespace rankloop::cli
