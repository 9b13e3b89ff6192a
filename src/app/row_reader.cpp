// The grammar of CSV and its relatives, a row at a time.
#include "app/row_reader.h"

#include <algorithm>
#include <set>
#include <span>

#include "domain/closest_name.h"
#include "domain/utf8.h"

namespace rankloop::app {
namespace {

constexpr std::string_view kNeverClosed = "a quoted cell is never closed";
constexpr std::size_t kShownBytes = 80;
constexpr std::size_t kMostColumns = 4'096;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string in_quotes(std::string_view name) {
  std::string text = "'" + std::string{utf8_prefix(name, kShownBytes)} + "'";
  std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

}  // namespace

DelimitedReader::DelimitedReader(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {
  if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;  // a byte order mark, as spreadsheets write it
}

bool DelimitedReader::next() {
  skip_blank_lines();
  if (at_ >= text_.size() || !fault_.empty()) return false;
  cells_.clear();
  unquoted_used_ = 0;
  line_ = next_line_;
  limit_ = std::min(text_.size(), at_ + kMaxRowBytes);
  while (true) {
    read_cell();
    if (at_ >= limit_ && at_ < text_.size() && !is_line_end()) fault_ = kRowTooLong;
    if (at_ >= text_.size() || !fault_.empty()) return true;
    if (is_line_end()) {
      end_line();
      return true;
    }
    ++at_;
  }
}

// Blank lines are no rows.
void DelimitedReader::skip_blank_lines() {
  while (at_ < text_.size() && is_line_end()) end_line();
}

void DelimitedReader::end_line() {
  const bool both = text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n';
  at_ += both ? 2 : 1;
  ++next_line_;
}

void DelimitedReader::read_cell() {
  if (at_ < limit_ && text_[at_] == '"') return read_quoted();
  const char stops[] = {delimiter_, '\n', '\r', '\0'};
  const std::size_t end = std::min(text_.substr(0, limit_).find_first_of(stops, at_), limit_);
  cells_.push_back(text_.substr(at_, end - at_));
  at_ = end;
}

void DelimitedReader::read_quoted() {
  if (unquoted_used_ == unquoted_.size()) unquoted_.emplace_back();
  std::string& cell = unquoted_[unquoted_used_++];
  cell.clear();
  ++at_;
  bool closed = false;
  while (at_ < limit_ && !closed) {
    const char c = text_[at_++];
    const bool ends_line = c == '\n' || (c == '\r' && (at_ == text_.size() || text_[at_] != '\n'));
    if (ends_line) ++next_line_;
    if (c != '"') {
      cell += c;
    } else if (at_ < limit_ && text_[at_] == '"') {
      cell += '"';
      ++at_;
    } else {
      closed = true;
    }
  }
  if (!closed && limit_ == text_.size()) fault_ = kNeverClosed;
  // Text between a closing quote and the delimiter belongs to nobody; it is taken as it stands.
  while (at_ < limit_ && text_[at_] != delimiter_ && !is_line_end()) cell += text_[at_++];
  cells_.push_back(cell);
}

char separator_of(std::string_view text, char expected) {
  const auto cells = [&](char separator) {
    DelimitedReader reader{text, separator};
    return reader.next() ? reader.cells().size() : 0;
  };
  if (cells(expected) != 1) return expected;
  for (const char other : {',', ';', '\t', '|'}) {
    if (cells(other) > 1) return other;
  }
  return expected;
}

std::string_view name_of_separator(char separator) {
  switch (separator) {
    case ';':
      return "semicolon";
    case '\t':
      return "tab";
    case '|':
      return "bar";
    default:
      return "comma";
  }
}

Result<std::vector<std::string>> header_names(const DelimitedReader& reader) {
  const auto fault = [](std::string message) {
    return Error{ErrorCode::kInvalidArgument, std::move(message)};
  };
  if (!reader.fault().empty()) return fault(std::string{reader.fault()});
  if (reader.cells().size() > kMostColumns) {
    return fault("the header has " + std::to_string(reader.cells().size()) + " columns; allowed are up to " +
                 std::to_string(kMostColumns));
  }
  std::vector<std::string> names;
  std::set<std::string_view> seen;
  for (const std::string_view cell : reader.cells()) {
    if (cell.find_first_of("\r\n") != std::string_view::npos) {
      return fault("the name " + in_quotes(cell) +
                   " of a column goes over several lines; is there a quote too many in the header?");
    }
    const std::string_view name = trimmed(cell);
    if (!seen.insert(name).second && !name.empty())
      return fault("the column " + in_quotes(name) + " stands there twice");
    names.emplace_back(name);
  }
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 30;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i)
    text += (i > 0 ? ", " : "") + in_quotes(names[i]);
  if (names.size() > kMost) text += " and " + std::to_string(names.size() - kMost) + " more";
  return text;
}

std::string nearest_columns(const std::vector<std::string>& missing, const std::vector<std::string>& header) {
  std::vector<std::string_view> candidates;
  for (const std::string& name : header) {
    if (name.size() <= kShownBytes) candidates.push_back(name);
  }
  std::string text;
  constexpr std::size_t kMostSuggestions = 5;
  for (const std::string& name : std::span{missing}.first(std::min(missing.size(), kMostSuggestions))) {
    if (const auto nearest = closest_name(name, candidates)) {
      text += (text.empty() ? ", did you mean " : ", ") + in_quotes(name) + " for " + in_quotes(*nearest);
    }
  }
  return text.empty() ? "." : text + "?";
}

}  // namespace rankloop::app
