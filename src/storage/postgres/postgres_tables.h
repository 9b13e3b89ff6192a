// The tables of a PostgreSQL database for a move: read and written with COPY in its binary format.
#pragma once

#include <memory>
#include <string>

#include "error/result.h"
#include "storage/store_tables.h"

namespace rankloop::storage::postgres {

// `url` is postgresql://...; the schema is there. What is written is one transaction.
Result<std::unique_ptr<StoreTables>> open_tables(const std::string& url, bool write);

}  // namespace rankloop::storage::postgres
