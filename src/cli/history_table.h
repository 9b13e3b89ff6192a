// A table of history, in which each row is an item that was shown in a request, as JSON lines of one request
// each.
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "app/unknown_names.h"
#include "domain/domain.h"
#include "error/result.h"

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

// Takes a line, and where in the table its request begins (a line, from 1).
using TakeLine = std::function<Status(std::string_view json, std::size_t line)>;
// Hears how many bytes of how many are read.
using TableProgress = std::function<void(double read, double all)>;

// kInvalidArgument names the file, the line and the value. Columns that neither side of the domain knows are
// counted into `unknown`.
Status read_history_table(const std::string& file, std::string_view text, const Domain& domain,
                          const HistoryColumns& columns, app::UnknownNames& unknown, const TakeLine& take,
                          const TableProgress& progress, const std::stop_token& stop);

}  // namespace rankloop::cli
