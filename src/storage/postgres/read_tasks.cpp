// Tasks that have not ended, counted.
#include "storage/postgres/postgres_store.h"

namespace rankloop::storage::postgres {

Result<std::vector<OpenTasks>> PostgresStore::open_tasks(TaskKind kind) {
  using Found = std::vector<OpenTasks>;
  const auto open_tasks_of = [](const auto& row) {
    return OpenTasks{static_cast<TaskState>(row.small("state")), row.integer("count"), row.time("oldest")};
  };
  return readers_.with<Found>([&](Connection& connection) -> Result<Found> {
    return all_rows(connection, "open_tasks", open_tasks_of, static_cast<int>(kind), mark_.get(connection));
  });
}

}  // namespace rankloop::storage::postgres
