// Lines of history on their way into a store or to a server, in batches.
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/learn/history.h"
#include "cli/history_report.h"
#include "error/result.h"

namespace rankloop::cli {

// Imports lines, and adds to what is imported.
using SendHistory = std::function<Status(std::string_view lines, Imported& imported)>;

// Into a store that this process has open. Borrows the history.
SendHistory into_store(app::History& history, const app::HistoryOptions& options, std::stop_token stop);

// Gathers lines and hands them on. Used by one thread.
class HistoryBatches {
 public:
  HistoryBatches(SendHistory send, Imported& imported) : send_(std::move(send)), imported_(imported) {}

  // `number`: of the line in the file, for messages.
  Status add(std::string_view line, std::size_t number);
  Status flush();

 private:
  void name_line(FieldFault& fault) const;

  const SendHistory send_;
  Imported& imported_;
  std::string lines_;
  std::vector<std::size_t> numbers_;  // in the file, of each of lines_
};

// In the order of their lines: a table's own faults come before those of the requests that are made of it.
std::vector<app::BadRow> sorted_bad_rows(Imported& imported);

}  // namespace rankloop::cli
