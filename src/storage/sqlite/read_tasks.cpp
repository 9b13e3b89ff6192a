// The task ledger as it is read: the rows, with what memory alone knows of unfinished tasks.
#include <tuple>

#include "storage/sqlite/sqlite_store.h"

namespace rankloop::storage::sqlite {

void SqliteStore::as_known(const TaskId& id, TaskState& state, int& attempt) const {
  if (is_terminal(state)) return;
  if (const auto live = live_.state(id)) std::tie(state, attempt) = *live;
}

void SqliteStore::as_known(TaskRecord& record) const {
  if (is_terminal(record.state)) return;
  if (const std::optional<LiveTask> live = live_.find(record.id)) {
    record.state = live->state;
    record.attempt = live->attempt;
    record.started = live->started ? live->started : record.started;
    if (live->state == TaskState::kRunning) record.progress = live->progress;
  }
  if (record.state != TaskState::kScheduled) record.run_at.reset();
}

Result<TaskRecord> SqliteStore::read_known(Database& database, const TaskId& id) const {
  Result<TaskRecord> record = read_task(database, id);
  if (record) as_known(*record);
  return record;
}

std::optional<std::pair<TaskState, int>> SqliteStore::live_state(const TaskId& id) const noexcept {
  return live_.state(id);
}

// Which tasks have not ended is known in memory.
Result<std::vector<TaskRecord>> SqliteStore::tasks(const TaskFilter& filter) {
  if (!filter.state || is_terminal(*filter.state)) return SqlReads::tasks(filter);
  using Records = std::vector<TaskRecord>;
  return readers_->with<Records>([&](Database& database) -> Result<Records> {
    Records found;
    for (const TaskId& id : live_.list(*filter.state, filter.kind, filter.before, filter.limit)) {
      // A row may not be committed yet, or the task may have moved on meanwhile.
      Result<TaskRecord> record = read_known(database, id);
      if (record && record->state == *filter.state) found.push_back(*std::move(record));
    }
    return found;
  });
}

}  // namespace rankloop::storage::sqlite
