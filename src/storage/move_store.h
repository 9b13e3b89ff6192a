// Moves everything from one store to another, of any kind.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"
#include "storage/store_tables.h"

namespace rankloop::storage {

struct MovedTable {
  std::string name;
  std::int64_t rows = 0;
  std::string digest;  // SHA-256 over the values of all rows in order of the key, hex
};

struct MoveOptions {
  bool replace = false;  // the target may hold something, which goes
  std::function<void(std::string_view what, std::int64_t done, std::int64_t total)> progress;
  std::stop_token stop;
};

// "sqlite:FILE" or "postgresql://...": a store whose schema is this program's and which no process uses. A
// file that is written need not be there; it appears, or takes the place of the old one, when the move is
// complete.
Result<std::unique_ptr<StoreTables>> open_tables_to_read(const std::string& url);
Result<std::unique_ptr<StoreTables>> open_tables_to_write(const std::string& url);

// Copies every table in bounded memory, reads both ends again and compares them; only then the target has
// anything. kFailedPrecondition: the target is in use and not to be replaced, or the stores have different
// tables; kDataLoss: the ends differ; kAborted: stopped; otherwise what the stores answer.
Result<std::vector<MovedTable>> move_store(StoreTables& from, StoreTables& to, const MoveOptions& options);

}  // namespace rankloop::storage
