// The grammar of CSV and its relatives, a row at a time, over a window that moves.
#include "tables/row_reader.h"

#include <algorithm>
#include <utility>

#include "domain/utf8.h"

namespace rankloop::tables {
namespace {

constexpr std::string_view kNeverClosed = "a quoted cell is never closed";
constexpr std::size_t kShownOfUnreadable = 1'000;

}  // namespace

DelimitedReader::DelimitedReader(std::unique_ptr<ByteSource> text, char delimiter)
    : window_(std::move(text)), delimiter_(delimiter) {}

DelimitedReader::DelimitedReader(std::string_view text, char delimiter)
    : window_(text), delimiter_(delimiter) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";  // as spreadsheets write it
  if (text.starts_with(kMark)) window_.drop(kMark.size());
  text_ = window_.text();
}

bool DelimitedReader::next() {
  if (!fault_.empty()) return false;
  go_on();
  skip_blank_lines();
  if (at_ >= text_.size() || !status()) return false;
  go_on();
  read_row();
  return status().ok();
}

void DelimitedReader::read_again(char delimiter) {
  delimiter_ = delimiter;
  next_line_ = line_;
  at_ = 0;
  read_row();
}

void DelimitedReader::pass_over_line() {
  fault_ = {};
  at_ = std::min(text_.find_first_of("\r\n"), text_.size());
  while (at_ == text_.size() && read_more()) {
    window_.drop(at_);
    text_ = window_.text();
    at_ = std::min(text_.find_first_of("\r\n"), text_.size());
  }
  next_line_ = line_;
  if (at_ + 1 >= text_.size()) read_more();
  if (at_ < text_.size()) end_line();
}

// What lies behind is given back.
void DelimitedReader::go_on() {
  window_.drop(at_);
  text_ = window_.text();
  at_ = 0;
}

// False when there is no more.
bool DelimitedReader::read_more() {
  if (window_.ended()) return false;
  window_.more();
  text_ = window_.text();
  return true;
}

// Blank lines are no rows.
void DelimitedReader::skip_blank_lines() {
  while (true) {
    // The second half of "\r\n" may not be there yet.
    if (at_ + 1 >= text_.size() && !window_.ended()) {
      go_on();
      read_more();
    } else if (at_ < text_.size() && is_line_end()) {
      end_line();
    } else {
      return;
    }
  }
}

void DelimitedReader::end_line() {
  const bool both = text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n';
  at_ += both ? 2 : 1;
  ++next_line_;
}

// A row that comes to the end of the window is read once more with more of the text, which is twice as much
// each time.
void DelimitedReader::read_row() {
  line_ = next_line_;
  while (true) {
    at_ = 0;
    next_line_ = line_;
    fault_ = {};
    cells_.clear();
    unquoted_used_ = 0;
    limit_ = std::min(text_.size(), kMaxRowBytes);
    while (true) {
      read_cell();
      if (at_ >= limit_ && at_ < text_.size() && !is_line_end()) fault_ = kRowTooLong;
      if (at_ >= text_.size() || !fault_.empty() || is_line_end()) break;
      ++at_;
    }
    const bool cut = at_ + 2 >= text_.size() && text_.size() <= kMaxRowBytes + 2;
    if (cut && read_more()) continue;
    take_raw();
    if (fault_.empty() && at_ < text_.size()) end_line();
    return;
  }
}

void DelimitedReader::take_raw() {
  raw_ = text_.substr(0, at_);
  if (fault_.empty()) return;
  raw_ = raw_.substr(0, raw_.find_first_of("\r\n"));
  if (is_utf8(raw_)) raw_ = utf8_prefix(raw_, kShownOfUnreadable);
  raw_ = raw_.substr(0, kShownOfUnreadable);
}

void DelimitedReader::read_cell() {
  if (at_ < limit_ && text_[at_] == '"') return read_quoted();
  std::size_t end = at_;
  const char* const letters = text_.data();
  while (end < limit_ && letters[end] != delimiter_ && letters[end] != '\n' && letters[end] != '\r') ++end;
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

bool LineReader::next() {
  while (status()) {
    window_.drop(std::exchange(used_, 0));
    if (!take_line()) return false;
    const bool was_rest = std::exchange(rest_, line_.size() > kMaxRowBytes && used_ == line_.size());
    if (was_rest) continue;
    ++number_;
    if (line_.find_first_not_of(" \t\r") != std::string_view::npos) return status().ok();
  }
  return false;
}

// A line, or as much of it as is read at once; false at the end.
bool LineReader::take_line() {
  std::size_t end = window_.text().find('\n');
  while (end == std::string_view::npos && window_.text().size() <= kMaxRowBytes && !window_.ended()) {
    const std::size_t known = window_.text().size();
    window_.more();
    end = window_.text().find('\n', known);
  }
  const std::string_view text = window_.text();
  if (text.empty()) return false;
  line_ = text.substr(0, std::min(end, kMaxRowBytes + 1));
  used_ = line_.size() + (line_.size() == end ? 1 : 0);
  return true;
}

}  // namespace rankloop::tables
