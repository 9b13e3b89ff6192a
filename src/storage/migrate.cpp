// Finds the migrations of a dialect and runs those that are new.
#include "storage/migrate.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "embedded_sql.h"

namespace rankloop::storage {
namespace {

std::vector<Migration> migrations_of(std::string_view dialect) {
  const std::string folder = "db/migrations/" + std::string(dialect) + "/";
  std::vector<Migration> found;
  for (const EmbeddedFile& file : embedded_sql()) {
    if (!file.path.starts_with(folder)) continue;
    Migration migration{0, file.path.substr(folder.size()), file.bytes};
    std::from_chars(migration.name.data(), migration.name.data() + migration.name.size(), migration.version);
    found.push_back(migration);
  }
  std::sort(found.begin(), found.end(),
            [](const Migration& a, const Migration& b) { return a.version < b.version; });
  return found;
}

}  // namespace

int newest_migration(std::string_view dialect) {
  const std::vector<Migration> known = migrations_of(dialect);
  return known.empty() ? 0 : known.back().version;
}

Status migrate(std::string_view dialect, MigrationTarget& target) {
  const Result<int> version = target.version();
  if (!version) return version.error();
  const std::vector<Migration> known = migrations_of(dialect);
  if (!known.empty() && *version > known.back().version) {
    return Error{ErrorCode::kFailedPrecondition,
                 "The database has schema version " + std::to_string(*version) +
                     ", made by a newer rankloop; this one knows versions up to " +
                     std::to_string(known.back().version)};
  }
  const auto first_new = std::ranges::upper_bound(known, *version, {}, &Migration::version);
  if (first_new == known.end()) return {};
  return target.apply({first_new, known.end()});
}

}  // namespace rankloop::storage
