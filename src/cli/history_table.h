// A table of history (or lines of JSON, see tables/table_rows.h), in which each row is an item that was shown
// in a request, as JSON lines of one request each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "app/unknown_names.h"
#include "domain/domain.h"
#include "error/result.h"
#include "tables/table_rows.h"

namespace rankloop::cli {

struct HistoryColumns {
  std::string request;       // names the request of a row; its rows stand together, best first
  std::string id_prefix;     // before that name: the id under which the request is imported once
  std::string picked;        // how many picked the row, or a flag
  std::string item;          // the item's id; empty: as the domain names it
  std::string user;          // the person; empty: "user_key", where there is such a column
  std::string at;            // the moment; empty: "at", where there is such a column
  bool number_rows = false;  // without a column of ids: the number of the row, as an import counts them
  bool strict = false;       // refuse columns that nobody knows
};

struct HistoryTable {
  std::string file;                         // its name, for messages
  std::unique_ptr<tables::TableRows> rows;  // whose header has not been read
  double size = 0;                          // of the file, in bytes
};

// What the reader of a table tells, and whom.
struct HistoryListener {
  // Takes a line, and where in the table its request begins (a line, from 1).
  std::function<Status(std::string_view json, std::size_t line)> take;
  // Takes a bad request by the line at which it begins; none: bad rows end the reading.
  std::function<Status(std::size_t line, std::string reason, bool unreadable)> take_bad;
  // Hears how many bytes of how many are read.
  std::function<void(double read, double all)> progress;
};

struct HistoryTableReport {
  char separator = '\0';  // 0: lines of JSON
  std::size_t request_column = 0;
  std::string request_member;  // of lines of JSON, what names the request
  std::int64_t repeated_headers = 0;
};

// kInvalidArgument names the file, the line and the value. Columns that neither side of the domain knows are
// counted into `unknown`. A bad row makes its whole request bad; one that cannot be told to be of another
// request is of the one before.
Result<HistoryTableReport> read_history_table(HistoryTable table, const Domain& domain,
                                              const HistoryColumns& columns, app::UnknownNames& unknown,
                                              const HistoryListener& listener, const std::stop_token& stop);

}  // namespace rankloop::cli
