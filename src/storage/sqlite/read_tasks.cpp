// The task ledger as it is read: the rows, with what memory alone knows of unfinished tasks.
#include "storage/sqlite/sqlite_store.h"

namespace rankloop::storage::sqlite {
namespace {

// Greater than every id of a task.
TaskId beyond_all() {
  TaskId id;
  id.bytes.fill(0xff);
  return id;
}

template <class Enum>
std::optional<int> number(const std::optional<Enum>& value) {
  if (!value) return std::nullopt;
  return static_cast<int>(*value);
}

}  // namespace

TaskRecord SqliteStore::record_of(const Query& row) const {
  TaskRecord record;
  record.id = row.task_id(0);
  record.kind = static_cast<TaskKind>(row.small(1));
  record.state = static_cast<TaskState>(row.small(2));
  record.attempt = row.small(3);
  record.created = row.time(4);
  record.run_at = row.optional_time(5);
  record.started = row.optional_time(6);
  record.finished = row.optional_time(7);
  record.error = row.text(8);
  if (record.kind == TaskKind::kInference) {
    record.inference = InferenceId{row.integer(9)};
  } else {
    record.model = ModelId{row.integer(9)};
  }
  record.arguments = row.text(10);
  record.trace = telemetry::parse_traceparent(row.bytes(11));
  if (is_terminal(record.state)) return record;
  if (const std::optional<LiveTask> live = live_.find(record.id)) {
    record.state = live->state;
    record.attempt = live->attempt;
    record.started = live->started ? live->started : record.started;
    if (live->state == TaskState::kRunning) record.progress = live->progress;
  }
  if (record.state != TaskState::kScheduled) record.run_at.reset();
  return record;
}

Result<TaskRecord> SqliteStore::read_task(Database& database, const TaskId& id) const {
  Query row = database.query("task", blob(id));
  if (!row.step()) return Error{ErrorCode::kNotFound, "Task not found"};
  return record_of(row);
}

Result<TaskRecord> SqliteStore::task(const TaskId& id) {
  return readers_->with<TaskRecord>([&](Database& database) {
    Result<TaskRecord> record = read_task(database, id);
    if (!record || record->kind != TaskKind::kTraining) return record;
    if (Query kept = database.query("kept_verdict", blob(id)); kept.step()) {
      record->verdict = kept.text(0);
      record->detail = kept.text(1);
    }
    return record;
  });
}

std::optional<std::pair<TaskState, int>> SqliteStore::live_state(const TaskId& id) const noexcept {
  return live_.state(id);
}

Result<std::vector<TaskRecord>> SqliteStore::tasks(const TaskFilter& filter) {
  using Records = std::vector<TaskRecord>;
  return readers_->with<Records>([&](Database& database) -> Result<Records> {
    Records found;
    if (filter.state && !is_terminal(*filter.state)) {
      for (const TaskId& id : live_.list(*filter.state, filter.kind, filter.before, filter.limit)) {
        // A row may not be committed yet, or the task may have moved on meanwhile.
        Result<TaskRecord> record = read_task(database, id);
        if (record && record->state == *filter.state) found.push_back(*std::move(record));
      }
      return found;
    }
    const TaskId before = filter.before.value_or(beyond_all());
    const bool with_error = filter.state && *filter.state != TaskState::kSucceeded;
    Query rows = filter.kind == TaskKind::kTraining
                     ? database.query("trainings", blob(before), number(filter.state), filter.limit)
                     : database.query(with_error ? "tasks_with_error" : "tasks", blob(before),
                                      number(filter.kind), number(filter.state), filter.limit);
    while (rows.step()) found.push_back(record_of(rows));
    return found;
  });
}

Result<std::vector<DueReply>> SqliteStore::due_replies(WallTime ended_by, int limit) {
  using Replies = std::vector<DueReply>;
  return readers_->with<Replies>([&](Database& database) -> Result<Replies> {
    Replies found;
    Query rows = database.query("due_replies", ended_by, limit);
    while (rows.step()) found.push_back({record_of(rows), {rows.text(12), rows.text(13)}});
    return found;
  });
}

}  // namespace rankloop::storage::sqlite
