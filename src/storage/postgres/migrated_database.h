// Migrates a PostgreSQL database. Processes that start at once wait for each other.
#pragma once

#include <span>

#include "storage/migrate.h"
#include "storage/postgres/connection.h"

namespace rankloop::storage::postgres {

class MigratedDatabase final : public MigrationTarget {
 public:
  MigratedDatabase(Connection& connection, const Queries& queries)
      : connection_(connection), queries_(queries) {}
  Result<int> version() override;
  Status apply(std::span<const Migration> migrations) override;

 private:
  Status apply(const Migration& migration);

  Connection& connection_;
  const Queries& queries_;
};

}  // namespace rankloop::storage::postgres
