// The database's version, and one migration in its transaction.
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

Status MigratedDatabase::apply(int version, std::string_view name, std::string_view sql) {
  try {
    connection_.run("begin_write");
    connection_.script(queries_.text("set_up_migration"), kLongest);
    // Whoever held the lock may have done it.
    const Result<int> now = this->version();
    if (!now) return now.error();
    if (*now < version) {
      connection_.script(sql, kLongest);
      connection_.run("add_migration", version, name);
    }
    connection_.run("commit");
    return {};
  } catch (const DatabaseError& error) {
    return error.to_error();  // the connection goes, and the transaction with it
  }
}

}  // namespace rankloop::storage::postgres
