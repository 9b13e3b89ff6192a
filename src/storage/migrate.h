// Brings a database to the schema of this program: runs, in order, the files
// db/migrations/<dialect>/NNN_verb_object.sql that it has not seen yet.
#pragma once

#include <span>
#include <string_view>

#include "error/result.h"

namespace rankloop::storage {

struct Migration {
  int version = 0;
  std::string_view name;
  std::string_view sql;
};

// What migrating needs of a database.
class MigrationTarget {
 public:
  virtual ~MigrationTarget() = default;
  // The number of the newest migration that was applied; 0 for an empty database. kFailedPrecondition when
  // the database belongs to something else.
  virtual Result<int> version() = 0;
  // Applies migrations, in order, and records them. None of them is there in part, whatever happens.
  virtual Status apply(std::span<const Migration> migrations) = 0;
};

// The number of the newest migration of this program.
int newest_migration(std::string_view dialect);

// kFailedPrecondition: a newer program made the database. Otherwise the target's own errors.
Status migrate(std::string_view dialect, MigrationTarget& target);

}  // namespace rankloop::storage
