// The transitions of tasks that are written in the line: for every kind.
#include <algorithm>

#include "storage/postgres/hints.h"
#include "storage/postgres/postgres_store.h"
#include "storage/task_refusals.h"

namespace rankloop::storage::postgres {
namespace {

Result<TaskRecord> revive(Connection& connection, const TaskId& id) {
  Result<TaskRecord> record = read_task(connection, id);
  if (!record) return record;
  if (is_terminal(record->state) && has_row(connection, "open_beside", id)) {
    return kind_is_open(name_of(record->kind));
  }
  if (connection.execute("revive_task", id) == 0) return not_now("cannot be retried", *record);
  return read_task(connection, id);
}

}  // namespace

void PostgresStore::start_job(NewJob job, std::optional<RecordedAnswer<TaskRecord>> keep,
                              Done<TaskRecord> done) {
  submit_body<TaskRecord>(
      [this, job = std::move(job)](WriteBatch& batch) -> Result<TaskRecord> {
        Result<TaskRecord> record = insert_job(batch.connection(), job, clock_.wall());
        if (record && record->state == TaskState::kReady) {
          batch.hint(ready_hint(job.kind.kind, job.task));
        }
        return record;
      },
      std::move(keep),
      [this](const Result<TaskRecord>& started) {
        if (started && started->state == TaskState::kReady) listener_.task_ready(started->kind, started->id);
      },
      std::move(done));
}

bool PostgresStore::end_job(WriteBatch& batch, const Lease& lease, WallTime at, ModelId made,
                            const std::string& result) {
  return batch.connection().execute("end_job", lease.task, lease.fence, at, made, unless_empty(result)) > 0;
}

void PostgresStore::task_ended(const TaskId& id, TaskState state) {
  if (state == TaskState::kFailed) count_failure();
  listener_.task_changed(id, state);
}

void PostgresStore::fail_task(const Lease& lease, std::string reason,
                              std::optional<std::chrono::milliseconds> retry_in, Done<TaskState> done) {
  // At least a moment, so that the state is what the answer says until the next sweep.
  std::optional<std::int64_t> delay;
  if (retry_in) delay = std::max<std::int64_t>(retry_in->count(), 1);
  submit<TaskState>(
      {nullptr,
       [lease, reason = std::move(reason), delay, most = options_.max_attempts](StatementBatch& statements) {
         statements.send("fail_task", lease.task, lease.fence, reason, delay, most);
       },
       [lease](WriteBatch& batch, RowSpan rows) -> Result<TaskState> {
         if (rows.empty()) return lease_lost(lease.task);
         const auto state = static_cast<TaskState>(rows.front().small("state"));
         batch.tell_changed(lease.task, state);
         return state;
       }},
      std::nullopt,
      [this, id = lease.task](const Result<TaskState>& state) {
        if (!state) return;
        if (*state != TaskState::kFailed) count_retries(1);
        task_ended(id, *state);
      },
      std::move(done));
}

void PostgresStore::cancel_task(const TaskId& id, std::string reason,
                                std::optional<RecordedAnswer<TaskRecord>> keep, Done<TaskRecord> done) {
  const auto changed = std::make_shared<bool>(false);
  submit_body<TaskRecord>(
      [id, reason = std::move(reason), changed](WriteBatch& batch) -> Result<TaskRecord> {
        Connection& connection = batch.connection();
        *changed = connection.execute("cancel_task", id, reason) == 1;
        Result<TaskRecord> record = read_task(connection, id);
        if (!record) return record;
        if (record->state != TaskState::kCancelled && record->state != TaskState::kExpired) {
          return not_now("cannot be cancelled", *record);
        }
        if (*changed) batch.tell_changed(id, record->state);
        return record;
      },
      std::move(keep),
      [this, id, changed](const Result<TaskRecord>& cancelled) {
        // Already revoked tasks answer again; nobody needs to hear of them twice.
        if (cancelled && *changed) listener_.task_changed(id, cancelled->state);
      },
      std::move(done));
}

void PostgresStore::forget_replies(std::vector<TaskId> tasks, Done<void> done) {
  const auto ids = std::make_shared<Array>(Array::Of::kTaskId);
  for (const TaskId& id : tasks) ids->add(id);
  submit<void>({nullptr, [ids](StatementBatch& statements) { statements.send("forget_replies", *ids); },
                [](WriteBatch&, RowSpan) { return Status{}; }},
               std::nullopt, nullptr, std::move(done));
}

void PostgresStore::retry_task(const TaskId& id, std::optional<RecordedAnswer<TaskRecord>> keep,
                               Done<TaskRecord> done) {
  submit_body<TaskRecord>(
      [id](WriteBatch& batch) -> Result<TaskRecord> {
        Result<TaskRecord> record = revive(batch.connection(), id);
        if (!record) return record;
        batch.tell_changed(id, TaskState::kReady);
        batch.hint(ready_hint(record->kind, id));
        return record;
      },
      std::move(keep),
      [this, id](const Result<TaskRecord>& record) {
        if (!record) return;
        listener_.task_changed(id, TaskState::kReady);
        listener_.task_ready(record->kind, id);
      },
      std::move(done));
}

}  // namespace rankloop::storage::postgres
