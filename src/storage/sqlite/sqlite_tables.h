// The tables of a SQLite file for a move.
#pragma once

#include <memory>
#include <string>

#include "error/result.h"
#include "storage/store_tables.h"

namespace rankloop::storage::sqlite {

Result<std::unique_ptr<StoreTables>> open_tables_to_read(const std::string& file);
// Writes a new file beside `file`, which takes its name at the end, and is removed when there is no end.
Result<std::unique_ptr<StoreTables>> open_tables_to_write(const std::string& file);

}  // namespace rankloop::storage::sqlite
