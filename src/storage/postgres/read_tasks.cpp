// The task ledger as it is read.
#include <string_view>

#include "storage/postgres/postgres_store.h"
#include "storage/task_refusals.h"

namespace rankloop::storage::postgres {
namespace {

// Greater than every id of a task.
TaskId beyond_all() {
  TaskId id;
  id.bytes.fill(0xff);
  return id;
}

template <class Enum>
std::optional<std::int64_t> number(const std::optional<Enum>& value) {
  if (!value) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

// The statement that lists tasks of a state by an index which holds few others.
std::string_view list_of(const std::optional<TaskState>& state) {
  if (!state || *state == TaskState::kSucceeded) return "tasks";
  return is_terminal(*state) ? "tasks_with_error" : "unfinished_tasks";
}

}  // namespace

TaskRecord task_of(const Row& row) {
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
  record.progress = row.text(11);
  record.trace = telemetry::parse_traceparent(row.bytes(12));
  return record;
}

Result<TaskRecord> PostgresStore::task(const TaskId& id) {
  return readers_.with<TaskRecord>([&](Connection& connection) -> Result<TaskRecord> {
    const Rows rows = connection.run("task", id);
    if (rows.empty()) return unknown_task();
    TaskRecord record = task_of(rows.front());
    if (record.kind != TaskKind::kTraining) return record;
    if (const Rows kept = connection.run("kept_verdict", id); !kept.empty()) {
      record.verdict = kept.front().text(0);
      record.detail = kept.front().text(1);
    }
    return record;
  });
}

Result<std::vector<TaskRecord>> PostgresStore::tasks(const TaskFilter& filter) {
  using Records = std::vector<TaskRecord>;
  return readers_.with<Records>([&](Connection& connection) -> Result<Records> {
    const TaskId before = filter.before.value_or(beyond_all());
    const Rows rows = filter.kind == TaskKind::kTraining
                          ? connection.run("trainings", before, number(filter.state), filter.limit)
                          : connection.run(list_of(filter.state), before, number(filter.kind),
                                           number(filter.state), filter.limit);
    Records found;
    for (int i = 0; i < rows.size(); ++i) found.push_back(task_of(rows[i]));
    return found;
  });
}

Result<std::vector<DueReply>> PostgresStore::due_replies(WallTime ended_by, int limit) {
  using Replies = std::vector<DueReply>;
  return readers_.with<Replies>([&](Connection& connection) -> Result<Replies> {
    const Rows rows = connection.run("due_replies", ended_by, limit);
    Replies found;
    for (int i = 0; i < rows.size(); ++i) {
      found.push_back({task_of(rows[i]), {rows[i].text(13), rows[i].text(14)}});
    }
    return found;
  });
}

Result<std::vector<OpenTasks>> PostgresStore::open_tasks(TaskKind kind) {
  using Found = std::vector<OpenTasks>;
  return readers_.with<Found>([&](Connection& connection) -> Result<Found> {
    const Rows rows = connection.run("open_tasks", static_cast<int>(kind), mark_.get(connection));
    Found found;
    for (int i = 0; i < rows.size(); ++i) {
      found.push_back({static_cast<TaskState>(rows[i].small(0)), rows[i].integer(1), rows[i].time(2)});
    }
    return found;
  });
}

}  // namespace rankloop::storage::postgres
