// The transitions of tasks: all of them, for every kind.
#include <prometheus/counter.h>

#include "storage/registry_rules.h"
#include "storage/sqlite/sqlite_store.h"
#include "storage/task_refusals.h"
#include "telemetry/metrics.h"

namespace rankloop::storage::sqlite {
namespace {

// Ends an unfinished task; false when someone else was first.
bool end_task(Database& database, const Lease& lease, const LiveTask& live, TaskState state, WallTime at,
              const std::optional<std::string>& reason) {
  return database.run("end_task", blob(lease.task), lease.fence, static_cast<int>(state), live.attempt,
                      live.started, at, reason) == 1;
}

}  // namespace

void insert_reply(Database& database, const TaskId& task, const std::optional<ForeignTerms>& terms) {
  if (!terms || !terms->reply) return;
  database.run("add_reply", blob(task), terms->reply->to, terms->reply->correlation);
}

LiveTask SqliteStore::live_task(TaskKind kind, const std::optional<ForeignTerms>& terms) const {
  LiveTask live;
  live.kind = kind;
  if (!terms) return live;
  live.expires = terms->expires;
  const WallTime now = clock_.wall();
  if (!is_later(terms->not_before, now)) return live;
  live.state = TaskState::kScheduled;
  live.until = clock_.monotonic() + (*terms->not_before - now);
  return live;
}

void SqliteStore::task_ended(const TaskId& id, TaskState state) {
  live_.remove(id);
  listener_.task_changed(id, state);
}

void SqliteStore::task_failed(const TaskId& id) {
  if (options_.task_metrics != nullptr) options_.task_metrics->failed->Increment();
  task_ended(id, TaskState::kFailed);
}

void SqliteStore::count_retries(std::size_t attempts) {
  if (options_.task_metrics == nullptr) return;
  options_.task_metrics->retried->Increment(static_cast<double>(attempts));
}

void SqliteStore::open_task(TaskKind kind, const TaskId& id) {
  if (live_.announce(id)) listener_.task_ready(kind, id);
}

void SqliteStore::start_training(NewTraining training, std::optional<Keep<TaskRecord>> keep,
                                 Done<TaskRecord> done) {
  const TaskId id = training.task;
  LiveTask live = live_task(TaskKind::kTraining, training.foreign);
  live.arguments = training.arguments;
  live.trace = training.trace;
  std::optional<WallTime> scheduled;
  if (live.state == TaskState::kScheduled) scheduled = training.foreign->not_before;
  if (Status added = live_.add(id, std::move(live), true); !added) return done(added.error());
  submit<TaskRecord>(
      [training = std::move(training), scheduled](WriteTransaction& transaction) -> Result<TaskRecord> {
        Database& database = transaction.database();
        if (database.query("task", blob(training.task)).step()) return task_is_there();
        const ForeignTerms terms = training.foreign.value_or(ForeignTerms{});
        const std::string trace = telemetry::to_traceparent(training.trace);
        try {
          database.run("add_task", blob(training.task), static_cast<int>(TaskKind::kTraining), std::nullopt,
                       training.at, training.arguments, scheduled, terms.expires, unless_empty(trace));
        } catch (const DatabaseError& error) {
          if (!error.is_constraint()) throw;
          return training_is_open();
        }
        insert_reply(database, training.task, training.foreign);
        TaskRecord record;
        record.id = training.task;
        record.kind = TaskKind::kTraining;
        if (scheduled) record.state = TaskState::kScheduled;
        record.run_at = scheduled;
        record.created = training.at;
        record.arguments = training.arguments;
        record.trace = training.trace;
        return record;
      },
      std::move(keep),
      [this, id](const Result<TaskRecord>& started) {
        if (!started) live_.remove(id);
      },
      std::move(done));
  open_task(TaskKind::kTraining, id);
}

void SqliteStore::finish_training(const Lease& lease, std::optional<NewModel> model, WallTime at,
                                  Done<ModelId> done) {
  if (model) {
    if (Status checked = check_new_model(*model, options_.max_artefact); !checked)
      return done(checked.error());
  }
  const std::string hash = model ? sha256_hex(model->artefact) : std::string();
  const bool with_model = model && !model->dry_run;
  submit_held<ModelId>(
      lease,
      [lease, model = std::move(model), hash, at](WriteTransaction& transaction,
                                                  const LiveTask& live) -> Result<ModelId> {
        Database& database = transaction.database();
        if (!end_task(database, lease, live, TaskState::kSucceeded, at, std::nullopt)) {
          return lease_lost(lease.task);
        }
        if (!model) return ModelId{};
        if (!model->verdict.empty()) {
          const std::string_view detail =
              model->dry_run ? std::string_view(model->detail) : std::string_view();
          database.run("keep_verdict", blob(lease.task), model->verdict, detail);
        }
        if (model->dry_run) return ModelId{};
        const ModelId made = insert_model(database, *model, hash);
        database.run("name_model", blob(lease.task), made);
        return made;
      },
      [this, id = lease.task, with_model](const Result<ModelId>& finished) {
        if (!finished) return;
        task_ended(id, TaskState::kSucceeded);
        if (with_model) registry_moved();
      },
      std::move(done));
}

Result<std::vector<ClaimedTask>> SqliteStore::claim(TaskKind kind, std::span<const TaskId> named, int limit) {
  std::vector<ClaimedTask> claimed = live_.claim(kind, named, limit);
  for (const ClaimedTask& task : claimed) listener_.task_changed(task.lease.task, TaskState::kRunning);
  return claimed;
}

Status SqliteStore::heartbeat(const Lease& lease, std::string progress) {
  return live_.heartbeat(lease, std::move(progress));
}

void SqliteStore::fail_task(const Lease& lease, std::string reason,
                            std::optional<std::chrono::milliseconds> retry_in, Done<TaskState> done) {
  submit_held<TaskState>(
      lease,
      [this, lease, reason = std::move(reason), retry_in](WriteTransaction& transaction,
                                                          const LiveTask& live) -> Result<TaskState> {
        const bool again = retry_in && live.attempt < options_.max_attempts;
        const WallTime now = clock_.wall();
        Database& database = transaction.database();
        const bool first = again ? database.run("schedule_task", blob(lease.task), lease.fence, live.attempt,
                                                now + *retry_in, live.started, reason) == 1
                                 : end_task(database, lease, live, TaskState::kFailed, now, reason);
        if (!first) return lease_lost(lease.task);
        return again ? TaskState::kScheduled : TaskState::kFailed;
      },
      [this, lease, retry_in](const Result<TaskState>& state) {
        if (!state) return;
        if (*state == TaskState::kFailed) return task_failed(lease.task);
        count_retries(1);
        // At least a moment, so that the state is what the answer says until the next sweep.
        live_.put_back(lease, std::max(*retry_in, std::chrono::milliseconds{1}), true);
        listener_.task_changed(lease.task, *state);
      },
      std::move(done));
}

void SqliteStore::release(const Lease& lease, std::chrono::milliseconds delay) {
  const std::optional<LiveTask> live = live_.held(lease);
  if (!live) return;
  if (live_.put_back(lease, delay, false)) listener_.task_ready(live->kind, lease.task);
}

void SqliteStore::cancel_task(const TaskId& id, std::string reason, std::optional<Keep<TaskRecord>> keep,
                              Done<TaskRecord> done) {
  submit<TaskRecord>(
      [this, id, reason = std::move(reason)](WriteTransaction& transaction) -> Result<TaskRecord> {
        Database& database = transaction.database();
        // Its fence goes to the disk, so that a retry can go beyond it. Memory may not know the task yet,
        // when it was revived in the same batch.
        const LiveTask live = live_.find(id).value_or(LiveTask{});
        database.run("cancel_task", blob(id), live.fence, live.attempt, live.started, clock_.wall(), reason);
        Query row = database.query("task", blob(id));
        if (!row.step()) return unknown_task();
        TaskRecord record = record_of(row);
        if (record.state != TaskState::kCancelled && record.state != TaskState::kExpired) {
          return not_now("cannot be cancelled", record);
        }
        return record;
      },
      std::move(keep),
      [this, id](const Result<TaskRecord>& cancelled) {
        // Already revoked tasks answer again; nobody needs to hear of them twice.
        if (cancelled && live_.find(id)) task_ended(id, cancelled->state);
      },
      std::move(done));
}

void SqliteStore::retry_task(const TaskId& id, std::optional<Keep<TaskRecord>> keep, Done<TaskRecord> done) {
  auto revived = std::make_shared<LiveTask>();
  submit<TaskRecord>(
      [this, id, revived](WriteTransaction& transaction) -> Result<TaskRecord> {
        Database& database = transaction.database();
        Result<TaskRecord> record = read_task(database, id);
        if (!record) return record;
        try {
          if (database.run("revive_task", blob(id)) == 0) return not_now("cannot be retried", *record);
        } catch (const DatabaseError& error) {
          if (!error.is_constraint()) throw;
          return training_is_open();
        }
        {
          Query open = database.query("open_task", blob(id));
          open.step();
          *revived = live_task_of(open).second;
        }
        return read_task(database, id);
      },
      std::move(keep),
      [this, id, revived](const Result<TaskRecord>& record) {
        if (!record || !live_.add(id, std::move(*revived), true)) return;
        listener_.task_changed(id, TaskState::kReady);
        open_task(record->kind, id);
      },
      std::move(done));
}

Status SqliteStore::sweep() {
  std::vector<std::pair<TaskKind, TaskId>> ready;
  {
    const Lock lock(recovered_mutex_);
    ready.swap(recovered_);
  }
  LiveTasks::Swept swept = live_.sweep(options_.max_attempts);
  count_retries(swept.taken_back);
  ready.insert(ready.end(), swept.ready.begin(), swept.ready.end());
  for (const auto& [kind, id] : ready) listener_.task_ready(kind, id);
  for (const auto& [lease, live] : swept.lost) end_swept(lease, live, TaskState::kFailed, "lease_lost");
  for (const auto& [lease, live] : swept.expired) end_swept(lease, live, TaskState::kExpired, kExpired);
  return {};
}

void SqliteStore::end_swept(const Lease& lease, const LiveTask& live, TaskState state,
                            std::string_view reason) {
  submit<TaskState>(
      [this, lease, live, state,
       reason = std::string(reason)](WriteTransaction& transaction) -> Result<TaskState> {
        if (!end_task(transaction.database(), lease, live, state, clock_.wall(), reason)) {
          return lease_lost(lease.task);
        }
        return state;
      },
      std::nullopt,
      [this, id = lease.task](const Result<TaskState>& ended) {
        if (!ended) return;
        if (*ended == TaskState::kFailed) return task_failed(id);
        task_ended(id, *ended);
      },
      nullptr);
}

void SqliteStore::refuse_task(RefusedTask task, Done<void> done) {
  const auto shared = std::make_shared<const RefusedTask>(std::move(task));
  submit<void>(
      [shared](WriteTransaction& transaction) -> Status {
        Database& database = transaction.database();
        const std::string trace = telemetry::to_traceparent(shared->trace);
        if (database.run("add_ended_task", blob(shared->id), static_cast<int>(shared->kind),
                         static_cast<int>(shared->state), shared->at, shared->reason,
                         unless_empty(trace)) == 0) {
          return task_is_there();
        }
        insert_reply(database, shared->id, ForeignTerms{.reply = shared->reply});
        return {};
      },
      std::nullopt,
      [this, shared](const Status& added) {
        if (!added) return;
        if (shared->state == TaskState::kFailed) return task_failed(shared->id);
        task_ended(shared->id, shared->state);
      },
      std::move(done));
}

void SqliteStore::forget_replies(std::vector<TaskId> tasks, Done<void> done) {
  submit<void>(
      [tasks = std::move(tasks)](WriteTransaction& transaction) -> Status {
        for (const TaskId& id : tasks) transaction.database().run("forget_reply", blob(id));
        return {};
      },
      std::nullopt, nullptr, std::move(done));
}

}  // namespace rankloop::storage::sqlite
