// Picks the bad rows out of what was imported and writes them down with their reasons.
#include "cli/bad_rows_file.h"

#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "domain/strict_json.h"
#include "tables/cell_text.h"
#include "tables/json_rows.h"
#include "tables/row_reader.h"

namespace rankloop::cli {
namespace {

using Cells = std::span<const std::string_view>;

// A row with what says why it is bad before it.
std::string row_of(std::string_view line, std::string_view reason, Cells cells, char separator) {
  std::string row{line};
  row += separator;
  tables::append_cell(row, reason, separator);
  for (const std::string_view cell : cells) {
    row += separator;
    tables::append_cell(row, cell, separator);
  }
  return row + '\n';
}

// What an object of an earlier file of bad rows has before its members is taken off.
std::string_view without_reason(std::string_view object) {
  constexpr std::string_view kLine = "{\"line\":";
  constexpr std::string_view kReason = ",\"reason\":\"";
  if (!object.starts_with(kLine)) return object;
  std::size_t at = object.find_first_not_of("0123456789", kLine.size());
  if (at == std::string_view::npos || !object.substr(at).starts_with(kReason)) return object;
  for (at += kReason.size(); at < object.size() && object[at] != '"'; ++at) {
    if (object[at] == '\\') ++at;
  }
  if (at + 1 >= object.size()) return object;
  return object.substr(at + 1);
}

// The line as an object with two more members before the others, whatever the others are.
std::string object_of(std::size_t number, std::string_view reason, std::string_view line) {
  std::string text = "{\"line\":" + std::to_string(number) + ",\"reason\":";
  append_json_string(text, reason);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::string_view rest = without_reason(line);
  if (rest.size() != line.size()) return text.append(rest) + '\n';
  if (!line.starts_with('{')) {
    text += ",\"text\":";
    append_json_string(text, line);
    return text + "}\n";
  }
  const std::string_view members = line.substr(1);
  const std::size_t first = members.find_first_not_of(" \t\r");
  const bool none = first == std::string_view::npos || members[first] == '}';
  return text.append(none ? "" : ",").append(members) + '\n';
}

}  // namespace

Result<BadRowsFile> BadRowsFile::open(const std::string& file, const std::string& imported) {
  std::error_code none;
  if (std::filesystem::equivalent(file, imported, none)) {
    return Error{ErrorCode::kInvalidArgument,
                 "--skip-bad names '" + file + "', which is the file that is imported; name another one"};
  }
  std::ofstream out{file, std::ios::binary | std::ios::app};
  if (!out) return Error{ErrorCode::kInvalidArgument, "--skip-bad: cannot write '" + file + "'"};
  out.close();
  return BadRowsFile{file, std::move(out)};
}

Status BadRowsFile::write(const tables::Bytes& bytes, const tables::TextOptions& text, const RowShape& shape,
                          const std::vector<app::BadRow>& rows) {
  Result<tables::Text> opened = tables::open_text(bytes, text);
  if (!opened) return opened.error();
  out_.open(file_, std::ios::binary | std::ios::trunc);
  Status written = shape.separator == '\0' ? write_lines(std::move(opened->source), shape, rows)
                                           : write_table(std::move(opened->source), shape, rows);
  out_.close();
  if (written && !out_) {
    return Error{ErrorCode::kUnavailable,
                 "the good rows are imported, but the bad ones cannot be written to '" + file_ + "'"};
  }
  return written;
}

Status BadRowsFile::write_table(std::unique_ptr<tables::ByteSource> source, const RowShape& shape,
                                const std::vector<app::BadRow>& rows) {
  tables::DelimitedReader reader{std::move(source), shape.separator};
  if (!reader.next()) return reader.status();
  const std::size_t columns = reader.cells().size();
  const bool again =
      columns > 2 && reader.cells()[0] == app::kBadLine && reader.cells()[1] == app::kBadReason;
  const auto cells = [&] {
    return Cells{reader.cells()}.subspan(again && reader.cells().size() > 2 ? 2 : 0);
  };
  out_ << row_of(app::kBadLine, app::kBadReason, cells(), shape.separator);
  const std::optional<std::size_t> group = shape.request_column;
  const app::BadRow* open = nullptr;  // of the request whose rows are written
  std::string request;
  for (auto bad = rows.begin(); reader.next() && (bad != rows.end() || open != nullptr);) {
    const bool whole = reader.fault().empty() && reader.cells().size() == columns;
    if (bad != rows.end() && reader.line() == bad->line) {
      open = &*bad++;
      request = group && whole ? reader.cells()[*group] : std::string_view{};
    } else if (open != nullptr && (!group || (whole && reader.cells()[*group] != request))) {
      open = nullptr;
    }
    const bool unreadable = !reader.fault().empty();
    if (open != nullptr) {
      const std::string_view raw[] = {reader.raw()};
      out_ << row_of(std::to_string(reader.line()), open->reason, unreadable ? Cells{raw} : cells(),
                     shape.separator);
    }
    if (unreadable) reader.pass_over_line();
  }
  return reader.status();
}

Status BadRowsFile::write_lines(std::unique_ptr<tables::ByteSource> source, const RowShape& shape,
                                const std::vector<app::BadRow>& rows) {
  tables::LineReader reader{std::move(source)};
  const app::BadRow* open = nullptr;  // of the request whose lines are written
  std::string request;
  for (auto bad = rows.begin(); reader.next() && (bad != rows.end() || open != nullptr);) {
    const bool grouped = !shape.request_member.empty();
    const bool begins = bad != rows.end() && reader.line() == bad->line;
    const std::string of = grouped ? tables::cell_in(reader.text(), shape.request_member) : std::string{};
    if (begins) {
      open = &*bad++;
      request = of;
    } else if (!grouped || of != request) {
      open = nullptr;
    }
    if (open != nullptr) out_ << object_of(reader.line(), open->reason, reader.text());
  }
  return reader.status();
}

}  // namespace rankloop::cli
