// Rows of a table, one after another: CSV (RFC 4180) and its relatives with other separators. And lines of
// JSON lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"
#include "tables/text.h"

namespace rankloop::tables {

// Of one row of a table and of one line of JSON lines: what is read as a whole needs a bound.
inline constexpr std::size_t kMaxRowBytes = 1 << 20;
inline constexpr std::string_view kRowTooLong = "the line is longer than 1 MB (1048576 bytes)";

// Splits delimited text into rows of cells. A cell in double quotes may hold the delimiter, line breaks and
// doubled quotes; a line ends as on any system ("\n", "\r\n", "\r"); lines without a character are no rows.
// Views stay valid until the next call of anything but an accessor. Holds a window of the text of 4 MB at
// most, a few KB as a rule.
class DelimitedReader {
 public:
  DelimitedReader(std::unique_ptr<ByteSource> text, char delimiter);
  DelimitedReader(std::string_view text, char delimiter);  // borrowed; passes over a byte order mark

  // False at the end, and where the text cannot be read on: status() tells. A row that fault() tells of is
  // the last one, unless it is passed over.
  bool next();
  // The row that next() came to once more, by another delimiter. After a true next() only.
  void read_again(char delimiter);
  // After a row that cannot be read: goes on behind the first line of it.
  void pass_over_line();

  const std::vector<std::string_view>& cells() const { return cells_; }
  std::size_t line() const { return line_; }  // 1-based, where the row began
  // The row as it stands there, without the end of its line; of one that cannot be read, its first line, cut
  // to a thousand bytes.
  std::string_view raw() const { return raw_; }
  char delimiter() const { return delimiter_; }
  std::uint64_t offset() const { return window_.dropped() + at_; }  // bytes of the text read so far
  std::uint64_t taken() const { return window_.taken(); }           // bytes of the file
  // What makes the row unreadable: a quote that is never closed, or more than kMaxRowBytes. Empty: nothing.
  std::string_view fault() const { return fault_; }
  const Status& status() const { return window_.status(); }

 private:
  void skip_blank_lines();
  void read_row();
  void read_cell();
  void read_quoted();
  void end_line();
  void take_raw();
  void go_on();
  bool read_more();
  bool is_line_end() const { return text_[at_] == '\n' || text_[at_] == '\r'; }

  TextWindow window_;
  char delimiter_;
  std::string_view text_;  // the window's; begins with the row
  std::size_t at_ = 0;
  std::size_t limit_ = 0;  // where the row must have ended
  std::size_t line_ = 0;
  std::size_t next_line_ = 1;
  std::string_view fault_;
  std::string_view raw_;
  std::vector<std::string_view> cells_;
  std::deque<std::string> unquoted_;  // cells whose quotes were taken off; a deque, for views stay valid
  std::size_t unquoted_used_ = 0;
};

// The lines of a text that have more than blanks. The rules of views and of the window are those above.
class LineReader {
 public:
  explicit LineReader(std::unique_ptr<ByteSource> text) : window_(std::move(text)) {}
  // False at the end, and where the text cannot be read on: status() tells.
  bool next();
  // Without its end. Of a line that is longer, the first kMaxRowBytes + 1 bytes.
  std::string_view text() const { return line_; }
  std::size_t line() const { return number_; }  // from 1
  std::uint64_t taken() const { return window_.taken(); }
  const Status& status() const { return window_.status(); }

 private:
  bool take_line();

  TextWindow window_;
  std::string_view line_;
  std::size_t used_ = 0;  // of the window, by the line
  bool rest_ = false;     // of a line that was too long stands before
  std::size_t number_ = 0;
};

}  // namespace rankloop::tables
