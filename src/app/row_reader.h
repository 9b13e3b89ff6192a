// Rows of an import, one after another: CSV (RFC 4180) and its relatives with other separators.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"

namespace rankloop::app {

// Of one row of a table and of one line of JSON lines: what is read as a whole needs a bound.
inline constexpr std::size_t kMaxRowBytes = 1 << 20;
inline constexpr std::string_view kRowTooLong = "the line is longer than 1 MB (1048576 bytes)";

// Splits delimited text into rows of cells. A cell in double quotes may hold the delimiter, line breaks and
// doubled quotes; a line ends as on any system ("\n", "\r\n", "\r"). Views of cells stay valid until the next
// call of next().
class DelimitedReader {
 public:
  DelimitedReader(std::string_view text, char delimiter);
  // False at the end. A row that fault() tells of is the last one.
  bool next();
  const std::vector<std::string_view>& cells() const { return cells_; }
  std::size_t line() const { return line_; }  // 1-based, where the row began
  std::size_t offset() const { return at_; }  // bytes read so far
  // What makes the row unreadable: a quote that is never closed, or more than kMaxRowBytes. Empty: nothing.
  std::string_view fault() const { return fault_; }

 private:
  void skip_blank_lines();
  void read_cell();
  void read_quoted();
  void end_line();
  bool is_line_end() const { return text_[at_] == '\n' || text_[at_] == '\r'; }

  const std::string_view text_;
  const char delimiter_;
  std::size_t at_ = 0;
  std::size_t limit_ = 0;  // where the row must have ended
  std::size_t line_ = 0;
  std::size_t next_line_ = 1;
  std::string_view fault_;
  std::vector<std::string_view> cells_;
  std::deque<std::string> unquoted_;  // cells whose quotes were taken off; a deque, for views stay valid
  std::size_t unquoted_used_ = 0;
};

// The separator of a table: the expected one, unless the header is a single cell with it and several with a
// comma, a semicolon, a tab or a bar.
char separator_of(std::string_view text, char expected);
std::string_view name_of_separator(char separator);  // "comma", "semicolon", "tab", "bar"

// The names of the row that the reader stands on, without blanks at their ends. kInvalidArgument says in one
// sentence, without the line, why they cannot be names of columns: one goes over several lines, or stands
// there twice.
Result<std::vector<std::string>> header_names(const DelimitedReader& reader);

// "'a', 'b', 'c'", cut after some.
std::string listed(const std::vector<std::string>& names);
// The end of a sentence about missing columns: ", did you mean 'price' for 'Price'?" where one is nearly
// there, else ".".
std::string nearest_columns(const std::vector<std::string>& missing, const std::vector<std::string>& header);

}  // namespace rankloop::app
