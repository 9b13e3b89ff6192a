// Migrates a PostgreSQL database. Processes that start at once wait for each other.
#pragma once

#include <string_view>

#include "storage/migrate.h"
#include "storage/postgres/connection.h"

namespace rankloop::storage::postgres {

class MigratedDatabase final : public MigrationTarget {
 public:
  MigratedDatabase(Connection& connection, const Queries& queries)
      : connection_(connection), queries_(queries) {}
  Result<int> version() override;
  Status apply(int version, std::string_view name, std::string_view sql) override;

 private:
  Connection& connection_;
  const Queries& queries_;
};

}  // namespace rankloop::storage::postgres
