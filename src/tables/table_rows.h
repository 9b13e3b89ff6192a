// The rows of a table under its header, whatever it is written as: delimited text, or lines of JSON, of which
// each is an object whose members are cells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"
#include "tables/text.h"

namespace rankloop::tables {

// Used by one thread. Views stay valid until next().
class TableRows {
 public:
  virtual ~TableRows() = default;

  // First, and once. `known`: names of columns that the reader looks for; they tell the separator where
  // nobody says it. kInvalidArgument: there is no header, in words without the file's name; line() tells
  // where it would stand.
  virtual Status read_header(std::span<const std::string_view> known) = 0;
  const std::vector<std::string>& header() const { return header_; }

  // False at the end, and where the text cannot be read on: status() tells. A row that cannot be told from
  // the next one is the last, unless it is passed over.
  virtual bool next() = 0;
  // As many as the header has, where why_bad() is empty.
  virtual std::span<const std::string_view> cells() const = 0;
  virtual std::string why_bad() const = 0;   // empty: it is a good row
  virtual bool is_unreadable() const = 0;    // where it ends is not known
  virtual void pass_over() = 0;              // goes on behind the first line of such a row
  virtual bool is_header_again() const = 0;  // as where several tables were put one behind another
  virtual std::size_t line() const = 0;      // where the row begins, from 1
  virtual std::uint64_t taken() const = 0;   // bytes of the file
  virtual char separator() const = 0;        // 0: lines of JSON
  virtual const Status& status() const = 0;

 protected:
  std::vector<std::string> header_;
};

// `separator`: the one that it has, or with `choose` the one to begin with.
std::unique_ptr<TableRows> delimited_rows(Text text, char separator, bool choose);

}  // namespace rankloop::tables
