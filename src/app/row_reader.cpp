#include "app/row_reader.h"

#include <algorithm>

namespace rankloop::app {

DelimitedReader::DelimitedReader(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {
  if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;  // a byte order mark, as spreadsheets write it
}

bool DelimitedReader::next() {
  // Blank lines are no rows.
  while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) {
    if (text_[at_] == '\n') ++next_line_;
    ++at_;
  }
  if (at_ >= text_.size()) return false;
  cells_.clear();
  unquoted_used_ = 0;
  line_ = next_line_;
  while (true) {
    if (at_ < text_.size() && text_[at_] == '"') {
      read_quoted();
    } else {
      const char stops[] = {delimiter_, '\n', '\0'};
      const std::size_t end = std::min(text_.find_first_of(stops, at_), text_.size());
      std::string_view cell = text_.substr(at_, end - at_);
      if ((end == text_.size() || text_[end] == '\n') && cell.ends_with('\r')) cell.remove_suffix(1);
      cells_.push_back(cell);
      at_ = end;
    }
    if (at_ >= text_.size()) return true;
    const char after = text_[at_++];
    if (after == '\n') {
      ++next_line_;
      return true;
    }
  }
}

void DelimitedReader::read_quoted() {
  if (unquoted_used_ == unquoted_.size()) unquoted_.emplace_back();
  std::string& cell = unquoted_[unquoted_used_++];
  cell.clear();
  ++at_;
  closed_ = false;
  while (at_ < text_.size()) {
    const char c = text_[at_++];
    if (c == '\n') ++next_line_;
    if (c != '"') {
      cell += c;
    } else if (at_ < text_.size() && text_[at_] == '"') {
      cell += '"';
      ++at_;
    } else {
      closed_ = true;
      break;
    }
  }
  if (at_ < text_.size() && text_[at_] == '\r') ++at_;
  // Text between a closing quote and the delimiter belongs to nobody; it is taken as it stands.
  while (at_ < text_.size() && text_[at_] != delimiter_ && text_[at_] != '\n') cell += text_[at_++];
  cells_.push_back(cell);
}

}  // namespace rankloop::app
