// Goes over a table and passes over what is no row.
#include "cli/quickstart/log_reader.h"

#include <algorithm>

#include "tables/header.h"
#include "tables/json_rows.h"

namespace rankloop::cli {

Result<std::unique_ptr<tables::TableRows>> rows_of(const LogTable& table) {
  if (table.separator == '\0') return tables::json_rows(table.bytes, table.text);
  auto text = tables::open_text(table.bytes, table.text);
  if (!text) return text.error();
  return tables::delimited_rows(*std::move(text), table.separator, false);
}

Result<LogReader> LogReader::open(const LogTable& table) {
  auto rows = rows_of(table);
  if (!rows) return Error{rows.error().code, table.file + ": " + rows.error().message};
  LogReader log(table, *std::move(rows));
  if (Status header = log.rows_->read_header({}); !header) return log.fault(header.error().message);
  return log;
}

Result<LogColumn> LogReader::column(const std::string& name) const {
  if (name.empty()) return LogColumn{};
  const auto found = std::find(header().begin(), header().end(), name);
  if (found != header().end()) return LogColumn{static_cast<std::size_t>(found - header().begin())};
  return fault("there is no column '" + name + "'" + tables::nearest_columns({name}, header()));
}

Status LogReader::each(const LogWatch& watch, const VisitBad& bad, const Visit& visit) {
  while (rows_->next()) {
    if (watch.stop.stop_requested()) return Error{ErrorCode::kAborted, "the import was interrupted"};
    std::string why = rows_->why_bad();
    if (!why.empty()) {
      bad(rows_->line(), std::move(why));
      if (rows_->is_unreadable()) rows_->pass_over();
    } else if (!rows_->is_header_again()) {
      visit(rows_->cells(), rows_->line());
      watch.progress(static_cast<double>(rows_->taken()), static_cast<double>(table_->bytes.size()));
    }
  }
  return rows_->status();
}

Error LogReader::fault(const std::string& what) const {
  return {ErrorCode::kInvalidArgument, table_->file + ": " + what};
}

}  // namespace rankloop::cli
