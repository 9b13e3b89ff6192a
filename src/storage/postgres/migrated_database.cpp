// The database's version, and migrations, each in a transaction of its own, which locks no table for longer
// than that.
#include "storage/postgres/migrated_database.h"

namespace rankloop::storage::postgres {
namespace {

constexpr std::chrono::minutes kLongest{11};

}  // namespace

Result<int> MigratedDatabase::version() {
  try {
    return schema_version(connection_, "The database belongs to another program");
  } catch (const DatabaseError& error) {
    return error.to_error();
  }
}

Status MigratedDatabase::apply(std::span<const Migration> migrations) {
  try {
    for (const Migration& migration : migrations) {
      if (const Status applied = apply(migration); !applied) return applied;
    }
    return {};
  } catch (const DatabaseError& error) {
    return error.to_error();  // the connection goes, and the transaction with it
  }
}

Status MigratedDatabase::apply(const Migration& migration) {
  connection_.run("begin_write");
  connection_.script(queries_.text("set_up_migration"), kLongest);
  // Whoever held the lock may have done it.
  const Result<int> now = version();
  if (!now) return now.error();
  if (*now < migration.version) {
    connection_.script(migration.sql, kLongest);
    connection_.run("add_migration", migration.version, migration.name);
  }
  connection_.run("commit");
  return {};
}

}  // namespace rankloop::storage::postgres
