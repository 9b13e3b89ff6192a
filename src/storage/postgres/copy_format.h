// Rows in the binary format of PostgreSQL's COPY. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/store_tables.h"

namespace rankloop::storage::postgres {

enum class CopyType { kInt2, kInt4, kInt8, kFloat8, kText, kBytes, kUuid };
std::optional<CopyType> copy_type(std::string_view name);  // as pg_type calls it

// What comes before the first row and after the last one.
std::string copy_header();
std::string copy_trailer();
// Appends a row. kInvalidArgument: a value does not fit its column.
Status append_copy_row(std::string& out, Cells cells, const std::vector<CopyType>& types);

// Takes apart what a COPY sends, in pieces that begin and end anywhere between rows.
class CopyReader {
 public:
  explicit CopyReader(std::vector<CopyType> types) : types_(std::move(types)), cells_(types_.size()) {}
  // Calls `visit` for each row of the piece; kDataLoss when it cannot be read.
  Status take(std::string_view piece, const std::function<Status(Cells)>& visit);

 private:
  Status take_row(std::string_view& rest);

  const std::vector<CopyType> types_;
  std::vector<Cell> cells_;
  bool begun_ = false;
};

}  // namespace rankloop::storage::postgres
