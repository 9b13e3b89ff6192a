// Reads the header and the first rows of a table.
#include "infer/table_sample.h"

#include <algorithm>
#include <set>
#include <utility>

#include "domain/schema_names.h"
#include "domain/table_cells.h"
#include "domain/utf8.h"
#include "tables/header.h"
#include "tables/row_reader.h"

namespace rankloop::infer {
namespace {

Error fault(const SourceTable& table, const std::string& what) {
  return {ErrorCode::kInvalidArgument, table.file + ": " + what};
}

// The separator that makes the most of the header; nobody knows its names yet.
char separator_of_header(tables::DelimitedReader& reader) {
  char best = reader.delimiter();
  std::size_t most = reader.cells().size();
  for (const char separator : tables::kSeparators) {
    reader.read_again(separator);
    if (reader.fault().empty() && reader.cells().size() > most) {
      most = reader.cells().size();
      best = separator;
    }
  }
  reader.read_again(best);
  return best;
}

bool is_tab_separated(std::string_view file) {
  return file.find(".tsv") != std::string_view::npos || file.find(".tab") != std::string_view::npos;
}

std::string no_names(std::span<const std::string> header) {
  const auto is_number = [](const std::string& name) { return cell_number(name).has_value(); };
  const auto numbers = std::count_if(header.begin(), header.end(), is_number);
  if (numbers == 0 || static_cast<std::size_t>(numbers) * 2 < header.size()) return {};
  return "the first row holds numbers, as " +
         shortened(*std::find_if(header.begin(), header.end(), is_number)) +
         ", and no names of columns; write a header before it";
}

// Of two columns that would become one field the first does.
std::vector<std::string> field_names(std::span<const std::string> header) {
  std::set<std::string> taken{header.begin(), header.end()};
  std::vector<std::string> names;
  for (const std::string& name : header) {
    std::string field = identifier_of(name);
    if (field != name && !taken.insert(field).second) field.clear();
    names.push_back(std::move(field));
  }
  return names;
}

class TableRows final : public SampleRows {
 public:
  TableRows(const SourceTable& table, tables::Text text, char separator)
      : table_(table), encoding_(text.encoding), reader_(std::move(text.source), separator) {}

  Status read_header(TableSample& sample, bool choose_separator) {
    if (!reader_.next()) return reader_.status() ? Status{fault(table_, "is empty")} : reader_.status();
    if (!is_utf8(reader_.raw())) return fault(table_, tables::not_utf8(encoding_));
    if (choose_separator) sample.facts.separator = separator_of_header(reader_);
    auto names = tables::header_names(reader_);
    if (!names) return fault(table_, names.error().message);
    sample.header = *std::move(names);
    if (std::string why = no_names(sample.header); !why.empty()) return fault(table_, why);
    header_ = sample.header;
    return {};
  }

  bool next() override { return reader_.next(); }
  const Status& status() const override { return reader_.status(); }
  bool is_good() const override {
    return reader_.fault().empty() && is_utf8(reader_.raw()) && reader_.cells().size() == header_.size();
  }
  bool is_header() const override {
    return reader_.fault().empty() && tables::repeats(header_, reader_.cells());
  }
  void pass_over() override {
    if (!reader_.fault().empty()) reader_.pass_over_line();
  }
  SampleRow row() const override { return {reader_.cells(), {}, nullptr, reader_.line()}; }
  std::size_t number() const override { return reader_.line(); }

 private:
  const SourceTable& table_;
  const tables::Encoding encoding_;
  tables::DelimitedReader reader_;
  std::vector<std::string> header_;
};

// Visits the rows; says how many are bad, and whether rows follow.
Status go_over(SampleRows& rows, std::size_t most, TableFacts& facts, const VisitRow& visit) {
  constexpr std::size_t kMostUnreadable = 100;
  std::size_t unreadable = 0;
  facts.rows = facts.bad_rows = 0;
  facts.whole_file = true;
  while (rows.next()) {
    if (facts.rows + facts.bad_rows >= most) {
      facts.whole_file = false;
      break;
    }
    if (rows.is_header()) continue;
    if (rows.is_good()) {
      ++facts.rows;
      visit(rows.row());
      continue;
    }
    ++facts.bad_rows;
    if (facts.first_bad_line == 0) facts.first_bad_line = rows.number();
    if (++unreadable > kMostUnreadable && facts.rows == 0) break;
    rows.pass_over();
  }
  return rows.status();
}

// The columns of a header, over all rows of the sample.
Result<TableSample> profiled(const SourceTable& table, const Options& options, SampleRows& rows,
                             TableSample sample) {
  sample.names = field_names(sample.header);
  const std::size_t count = std::min(sample.header.size(), kMostFields);
  for (std::size_t i = 0; i < count; ++i) sample.columns.emplace_back(sample.header[i]);
  const ProfileBounds bounds = ProfileBounds::of(count);
  const Status read = go_over(rows, options.sample, sample.facts, [&](const SampleRow& row) {
    for (std::size_t i = 0; i < count; ++i)
      sample.columns[i].take(row.cells[i], bounds, row.kinds.empty() ? CellKind::kTable : row.kinds[i]);
  });
  if (!read) return fault(table, read.error().message);
  if (options.part) sample.facts.whole_file = false;
  return sample;
}

Result<TableSample> read_lines(const SourceTable& table, const Options& options) {
  TableSample sample{.file = table.file};
  sample.facts.separator = '\0';
  auto members = members_of_lines(table, options);
  if (!members) return members.error();
  sample.header = *std::move(members);
  auto rows = open_lines(table, options, sample.header);
  if (!rows) return rows.error();
  return profiled(table, options, **rows, std::move(sample));
}

Result<TableSample> read_delimited(const SourceTable& table, const Options& options) {
  auto text = tables::open_text(table.bytes, options.text);
  if (!text) return fault(table, text.error().message);
  TableSample sample{.file = table.file};
  sample.facts.encoding = text->encoding;
  sample.facts.separator = options.separator != '\0'      ? options.separator
                           : is_tab_separated(table.file) ? '\t'
                                                          : ',';
  TableRows rows(table, *std::move(text), sample.facts.separator);
  if (Status read = rows.read_header(sample, options.separator == '\0'); !read) return read.error();
  auto read = profiled(table, options, rows, std::move(sample));
  if (!read || read->facts.rows > 0) return read;
  if (read->facts.bad_rows == 0) return fault(table, "has a header and no row");
  return fault(table, "has no row that can be read: line " + std::to_string(read->facts.first_bad_line) +
                          " has another number of cells than the header's " +
                          std::to_string(read->header.size()) +
                          ", is no UTF-8, or has a quote that is never closed");
}

}  // namespace

std::optional<std::size_t> TableSample::column(std::string_view field_name) const {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!field_name.empty() && (names[i] == field_name || header[i] == field_name)) return i;
  }
  return std::nullopt;
}

Result<TableSample> read_sample(const SourceTable& table, const Options& options) {
  const auto lines = are_lines(table, options);
  if (!lines) return lines.error();
  return *lines ? read_lines(table, options) : read_delimited(table, options);
}

Status each_row(const SourceTable& table, const Options& options, const TableSample& sample,
                const VisitRow& visit) {
  TableFacts facts;
  if (sample.facts.separator == '\0') {
    const auto rows = open_lines(table, options, sample.header);
    return rows ? go_over(**rows, options.sample, facts, visit) : Status{rows.error()};
  }
  auto text = tables::open_text(table.bytes, options.text);
  if (!text) return fault(table, text.error().message);
  TableRows rows(table, *std::move(text), sample.facts.separator);
  TableSample again{.file = table.file};
  if (Status read = rows.read_header(again, false); !read) return read;
  return go_over(rows, options.sample, facts, visit);
}

}  // namespace rankloop::infer
