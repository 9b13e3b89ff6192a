// The rows of a whole store, table by table: what moving one to another kind of database needs. One
// implementation per database; nobody else may use the store meanwhile.
//
// Used by one thread. Errors: kUnavailable (the database or its disk), kDataLoss (damage), kAlreadyExists and
// kInvalidArgument (a row that the database does not take); what `visit` answers comes back as it is.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"

namespace rankloop::storage {

struct Cell {
  enum class Kind : std::uint8_t { kNull, kInteger, kReal, kText, kBytes };
  Kind kind = Kind::kNull;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view bytes;  // of a text, too; lives until the next row
};
using Cells = std::span<const Cell>;

struct TableShape {
  std::string name;
  std::string columns;             // in order of their names, with commas
  std::vector<std::string> types;  // as the database calls them
  std::string read;                // the statements of this database
  std::string write;
  std::string count;
  std::string empty;
};

class StoreTables {
 public:
  virtual ~StoreTables() = default;

  // By name. All that follows is for these.
  virtual Result<std::vector<TableShape>> tables() = 0;
  // Whether another process is connected; an embedded store has its folder's lock instead. Asks for up to two
  // seconds before it says so.
  virtual Result<bool> is_open_elsewhere() = 0;
  virtual Result<bool> is_used() = 0;  // whether it holds anything that a first start does not find
  virtual Result<std::int64_t> count(const TableShape& table) = 0;
  // In order of the key, the same in every database; streamed from one snapshot.
  virtual Status each_row(const TableShape& table, const std::function<Status(Cells)>& visit) = 0;

  // What is written is there after end_writing(), all of it, or never.
  virtual Status begin_writing(bool replace) = 0;
  virtual Status begin_table(const TableShape& table) = 0;
  virtual Status add_row(Cells cells) = 0;
  virtual Status end_table() = 0;
  // Numbers go on from the rows that were written.
  virtual Status continue_numbers() = 0;
  virtual Status end_writing() = 0;
};

}  // namespace rankloop::storage
