// Rows of an import, one after another: CSV (RFC 4180), TSV or JSON lines.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"

namespace rankloop::app {

// Splits delimited text into rows of cells. A cell in double quotes may hold the delimiter, line breaks and
// doubled quotes. Views of cells stay valid until the next call of next().
class DelimitedReader {
 public:
  DelimitedReader(std::string_view text, char delimiter);
  // False at the end. A quote that is never closed ends the text; closed() then answers false.
  bool next();
  const std::vector<std::string_view>& cells() const { return cells_; }
  std::size_t line() const { return line_; }  // 1-based, where the row began
  std::size_t offset() const { return at_; }  // bytes read so far
  bool closed() const { return closed_; }

 private:
  void read_quoted();

  const std::string_view text_;
  const char delimiter_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  std::size_t next_line_ = 1;
  bool closed_ = true;
  std::vector<std::string_view> cells_;
  std::deque<std::string> unquoted_;  // cells whose quotes were taken off; a deque, for views stay valid
  std::size_t unquoted_used_ = 0;
};

}  // namespace rankloop::app
