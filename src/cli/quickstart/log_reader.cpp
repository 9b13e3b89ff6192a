// Goes over a table and passes over what is no row.
#include "cli/quickstart/log_reader.h"

#include <algorithm>
#include <utility>

#include "domain/utf8.h"
#include "tables/header.h"

namespace rankloop::cli {

Result<LogReader> LogReader::open(const LogTable& table) {
  auto text = tables::open_text(table.bytes, table.text);
  if (!text) return Error{text.error().code, table.file + ": " + text.error().message};
  LogReader log(table, *std::move(text));
  if (!log.reader_.next()) return log.fault("is empty");
  auto header = tables::header_names(log.reader_);
  if (!header) return log.fault(header.error().message);
  log.header_ = *std::move(header);
  return log;
}

Result<LogColumn> LogReader::column(const std::string& name) const {
  if (name.empty()) return LogColumn{};
  const auto found = std::find(header_.begin(), header_.end(), name);
  if (found != header_.end()) return LogColumn{static_cast<std::size_t>(found - header_.begin())};
  return fault("there is no column '" + name + "'" + tables::nearest_columns({name}, header_));
}

Status LogReader::each(const LogWatch& watch, std::size_t& unreadable, const Visit& visit) {
  while (reader_.next()) {
    if (watch.stop.stop_requested()) return Error{ErrorCode::kAborted, "the import was interrupted"};
    if (!reader_.fault().empty()) {
      ++unreadable;
      reader_.pass_over_line();
    } else if (!is_good_row()) {
      ++unreadable;
    } else if (!tables::repeats(header_, reader_.cells())) {
      visit(reader_.cells(), reader_.line());
      watch.progress(static_cast<double>(reader_.taken()), static_cast<double>(table_->bytes.size()));
    }
  }
  return reader_.status();
}

bool LogReader::is_good_row() const {
  return reader_.cells().size() == header_.size() && is_utf8(reader_.raw());
}

Error LogReader::fault(const std::string& what) const {
  return {ErrorCode::kInvalidArgument, table_->file + ": " + what};
}

}  // namespace rankloop::cli
