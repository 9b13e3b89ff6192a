// The rows of a table that can be read, one after another, and where its columns stand.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "error/result.h"
#include "tables/table_rows.h"
#include "tables/text.h"

namespace rankloop::cli {

struct LogTable {
  std::string file;  // its name, for messages
  tables::Bytes bytes;
  tables::TextOptions text;
  char separator = ',';  // 0: lines of JSON
};

// Its rows, whose header has not been read. kInvalidArgument: the bytes cannot be read.
Result<std::unique_ptr<tables::TableRows>> rows_of(const LogTable& table);

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
  using VisitBad = std::function<void(std::size_t line, std::string reason)>;

  // kInvalidArgument: it has no header that can be read.
  static Result<LogReader> open(const LogTable& table);

  const std::vector<std::string>& header() const { return rows_->header(); }
  // Nothing for an empty name. kInvalidArgument: there is no such column.
  Result<LogColumn> column(const std::string& name) const;

  // Calls `visit` for each good row, and `bad` for the others. A header that comes again is none of both.
  // Once. kAborted: a stop was requested.
  Status each(const LogWatch& watch, const VisitBad& bad, const Visit& visit);

 private:
  LogReader(const LogTable& table, std::unique_ptr<tables::TableRows> rows)
      : table_(&table), rows_(std::move(rows)) {}
  Error fault(const std::string& what) const;

  const LogTable* table_;
  std::unique_ptr<tables::TableRows> rows_;
};

}  // namespace rankloop::cli
