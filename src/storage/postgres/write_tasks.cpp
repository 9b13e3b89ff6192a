// The transitions of tasks that are written in the line: for every kind.
#include <algorithm>

#include "storage/postgres/hints.h"
#include "storage/postgres/postgres_store.h"
#include "storage/registry_rules.h"
#include "storage/task_refusals.h"

namespace rankloop::storage::postgres {
namespace {

Result<TaskRecord> read_task(Connection& connection, const TaskId& id) {
  const Rows rows = connection.run("task", id);
  if (rows.empty()) return unknown_task();
  return task_of(rows.front());
}

Result<TaskRecord> insert_training(Connection& connection, const NewTraining& training, WallTime now) {
  if (!connection.run("task", training.task).empty()) return task_is_there();
  const ForeignTerms terms = training.foreign.value_or(ForeignTerms{});
  const auto run_at = is_later(terms.not_before, now) ? terms.not_before : std::nullopt;
  const std::string trace = telemetry::to_traceparent(training.trace);
  if (connection
          .run("add_training", training.task, training.at, training.arguments, run_at, terms.expires,
               unless_empty(trace))
          .changed() == 0) {
    return training_is_open();
  }
  insert_reply(connection, training.task, terms.reply);
  return read_task(connection, training.task);
}

Result<TaskRecord> revive(Connection& connection, const TaskId& id) {
  Result<TaskRecord> record = read_task(connection, id);
  if (!record) return record;
  if (record->kind == TaskKind::kTraining && is_terminal(record->state) &&
      !connection.run("open_tasks", static_cast<int>(TaskKind::kTraining), TaskId()).empty()) {
    return training_is_open();
  }
  if (connection.run("revive_task", id).changed() == 0) return not_now("cannot be retried", *record);
  return read_task(connection, id);
}

}  // namespace

void insert_reply(Connection& connection, const TaskId& task, const std::optional<Reply>& reply) {
  if (reply) connection.run("add_reply", task, reply->to, reply->correlation);
}

void PostgresStore::start_training(NewTraining training, std::optional<Keep<TaskRecord>> keep,
                                   Done<TaskRecord> done) {
  const TaskId id = training.task;
  submit_body<TaskRecord>(
      [this, training = std::move(training)](WriteBatch& batch) -> Result<TaskRecord> {
        Result<TaskRecord> record = insert_training(batch.connection(), training, clock_.wall());
        if (record && record->state == TaskState::kReady) {
          batch.hint(ready_hint(TaskKind::kTraining, training.task));
        }
        return record;
      },
      std::move(keep),
      [this, id](const Result<TaskRecord>& started) {
        if (started && started->state == TaskState::kReady) listener_.task_ready(TaskKind::kTraining, id);
      },
      std::move(done));
}

void PostgresStore::finish_training(const Lease& lease, std::optional<NewModel> model, WallTime at,
                                    Done<ModelId> done) {
  if (model) {
    if (Status checked = check_new_model(*model, options_.max_artefact); !checked)
      return done(checked.error());
  }
  std::string hash = model ? sha256_hex(model->artefact) : std::string();
  const auto version = std::make_shared<std::int64_t>(0);
  submit_body<ModelId>(
      [lease, model = std::move(model), hash = std::move(hash), at,
       version](WriteBatch& batch) -> Result<ModelId> {
        Connection& connection = batch.connection();
        const bool keeps = model && !model->dry_run;
        if (keeps) lock_registry(connection);
        const ModelId made = keeps ? insert_model(connection, *model, hash) : ModelId{};
        if (connection.run("end_training", lease.task, lease.fence, at, made).changed() == 0) {
          return lease_lost(lease.task);
        }
        if (model && !model->verdict.empty()) {
          const std::string_view detail = keeps ? std::string_view() : std::string_view(model->detail);
          connection.run("keep_verdict", lease.task, model->verdict, detail);
        }
        *version = keeps ? raise_registry_version(connection) : 0;
        if (keeps) batch.hint(registry_hint(*version));
        batch.hint(changed_hint(lease.task, TaskState::kSucceeded));
        return made;
      },
      std::nullopt,
      [this, id = lease.task, version](const Result<ModelId>& finished) {
        if (!finished) return;
        listener_.task_changed(id, TaskState::kSucceeded);
        registry_moved(*version);
      },
      std::move(done));
}

void PostgresStore::fail_task(const Lease& lease, std::string reason,
                              std::optional<std::chrono::milliseconds> retry_in, Done<TaskState> done) {
  // At least a moment, so that the state is what the answer says until the next sweep.
  std::optional<std::int64_t> delay;
  if (retry_in) delay = std::max<std::int64_t>(retry_in->count(), 1);
  submit<TaskState>(
      {nullptr,
       [lease, reason = std::move(reason), delay, most = options_.max_attempts](Exchange& exchange) {
         exchange.send("fail_task", lease.task, lease.fence, reason, delay, most);
       },
       [lease](WriteBatch& batch, RowSpan rows) -> Result<TaskState> {
         if (rows.empty()) return lease_lost(lease.task);
         const auto state = static_cast<TaskState>(rows.front().small(0));
         batch.hint(changed_hint(lease.task, state));
         return state;
       }},
      std::nullopt,
      [this, id = lease.task](const Result<TaskState>& state) {
        if (!state) return;
        if (*state == TaskState::kFailed) {
          count_failure();
        } else {
          count_retries(1);
        }
        listener_.task_changed(id, *state);
      },
      std::move(done));
}

void PostgresStore::cancel_task(const TaskId& id, std::string reason, std::optional<Keep<TaskRecord>> keep,
                                Done<TaskRecord> done) {
  const auto changed = std::make_shared<bool>(false);
  submit_body<TaskRecord>(
      [id, reason = std::move(reason), changed](WriteBatch& batch) -> Result<TaskRecord> {
        Connection& connection = batch.connection();
        *changed = connection.run("cancel_task", id, reason).changed() == 1;
        Result<TaskRecord> record = read_task(connection, id);
        if (!record) return record;
        if (record->state != TaskState::kCancelled && record->state != TaskState::kExpired) {
          return not_now("cannot be cancelled", *record);
        }
        if (*changed) batch.hint(changed_hint(id, record->state));
        return record;
      },
      std::move(keep),
      [this, id, changed](const Result<TaskRecord>& cancelled) {
        // Already revoked tasks answer again; nobody needs to hear of them twice.
        if (cancelled && *changed) listener_.task_changed(id, cancelled->state);
      },
      std::move(done));
}

void PostgresStore::refuse_task(RefusedTask task, Done<void> done) {
  const auto shared = std::make_shared<const RefusedTask>(std::move(task));
  submit_body<void>(
      [shared](WriteBatch& batch) -> Status {
        Connection& connection = batch.connection();
        const std::string trace = telemetry::to_traceparent(shared->trace);
        const Rows added =
            connection.run("add_ended_task", shared->id, static_cast<int>(shared->kind),
                           static_cast<int>(shared->state), shared->at, shared->reason, unless_empty(trace));
        if (added.changed() == 0) return task_is_there();
        insert_reply(connection, shared->id, shared->reply);
        batch.hint(changed_hint(shared->id, shared->state));
        return {};
      },
      std::nullopt,
      [this, shared](const Status& added) {
        if (!added) return;
        if (shared->state == TaskState::kFailed) count_failure();
        listener_.task_changed(shared->id, shared->state);
      },
      std::move(done));
}

void PostgresStore::forget_replies(std::vector<TaskId> tasks, Done<void> done) {
  const auto ids = std::make_shared<Column>(Column::Of::kTaskId);
  for (const TaskId& id : tasks) ids->add(id);
  submit<void>({nullptr, [ids](Exchange& exchange) { exchange.send("forget_replies", *ids); },
                [](WriteBatch&, RowSpan) { return Status{}; }},
               std::nullopt, nullptr, std::move(done));
}

void PostgresStore::retry_task(const TaskId& id, std::optional<Keep<TaskRecord>> keep,
                               Done<TaskRecord> done) {
  submit_body<TaskRecord>(
      [id](WriteBatch& batch) -> Result<TaskRecord> {
        Result<TaskRecord> record = revive(batch.connection(), id);
        if (!record) return record;
        batch.hint(changed_hint(id, TaskState::kReady));
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
