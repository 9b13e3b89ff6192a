// The transitions of tasks: all of them, for every kind.
#include "storage/sqlite/sqlite_store.h"
#include "storage/task_refusals.h"

namespace rankloop::storage::sqlite {
namespace {

// Ends an unfinished task; false when someone else was first.
bool end_task(Database& database, const Lease& lease, const LiveTask& live, TaskState state, WallTime at,
              const std::optional<std::string>& reason) {
  return database.execute("end_task", lease.task, lease.fence, static_cast<int>(state), live.attempt,
                          live.started, at, reason) == 1;
}

}  // namespace

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
  if (state == TaskState::kFailed) count_failure();
  live_.remove(id);
  listener_.task_changed(id, state);
}

void SqliteStore::open_task(TaskKind kind, const TaskId& id) {
  if (live_.announce(id)) listener_.task_ready(kind, id);
}

void SqliteStore::start_job(NewJob job, std::optional<RecordedAnswer<TaskRecord>> keep,
                            Done<TaskRecord> done) {
  const TaskId id = job.task;
  const TaskKind kind = job.kind.kind;
  LiveTask live = live_task(kind, job.foreign);
  live.arguments = job.arguments;
  live.trace = job.trace;
  if (Status added = live_.add(id, std::move(live), true); !added) return done(added.error());
  submit_body<TaskRecord>(
      [job = std::move(job), now = clock_.wall()](WriteTransaction& transaction) {
        return insert_job(transaction.connection(), job, now);
      },
      std::move(keep),
      [this, id](const Result<TaskRecord>& started) {
        if (!started) live_.remove(id);
      },
      std::move(done));
  open_task(kind, id);
}

bool SqliteStore::end_job(WriteTransaction& transaction, const Lease& lease, WallTime at, ModelId made,
                          const std::string& result) {
  Database& database = transaction.connection();
  const std::optional<LiveTask> live = live_.held(lease);
  if (!live || live->kind == TaskKind::kInference) return false;
  if (!end_task(database, lease, *live, TaskState::kSucceeded, at, std::nullopt)) return false;
  if (made != ModelId{}) database.execute("name_model", lease.task, made);
  if (!result.empty()) database.execute("keep_result", lease.task, result);
  return true;
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
        Database& database = transaction.connection();
        const bool first = again ? database.execute("schedule_task", lease.task, lease.fence, live.attempt,
                                                    now + *retry_in, live.started, reason) == 1
                                 : end_task(database, lease, live, TaskState::kFailed, now, reason);
        if (!first) return lease_lost(lease.task);
        return again ? TaskState::kScheduled : TaskState::kFailed;
      },
      [this, lease, retry_in](const Result<TaskState>& state) {
        if (!state) return;
        if (*state == TaskState::kFailed) return task_ended(lease.task, *state);
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

void SqliteStore::cancel_task(const TaskId& id, std::string reason,
                              std::optional<RecordedAnswer<TaskRecord>> keep, Done<TaskRecord> done) {
  submit_body<TaskRecord>(
      [this, id, reason = std::move(reason)](WriteTransaction& transaction) -> Result<TaskRecord> {
        Database& database = transaction.connection();
        // Its fence goes to the disk, so that a retry can go beyond it. Memory may not know the task yet,
        // when it was revived in the same batch.
        const LiveTask live = live_.find(id).value_or(LiveTask{});
        database.execute("cancel_task", id, live.fence, live.attempt, live.started, clock_.wall(), reason);
        Result<TaskRecord> record = read_known(database, id);
        if (!record) return record;
        if (record->state != TaskState::kCancelled && record->state != TaskState::kExpired) {
          return not_now("cannot be cancelled", *record);
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

void SqliteStore::retry_task(const TaskId& id, std::optional<RecordedAnswer<TaskRecord>> keep,
                             Done<TaskRecord> done) {
  auto revived = std::make_shared<LiveTask>();
  submit_body<TaskRecord>(
      [this, id, revived](WriteTransaction& transaction) -> Result<TaskRecord> {
        Database& database = transaction.connection();
        Result<TaskRecord> record = read_known(database, id);
        if (!record) return record;
        try {
          if (database.execute("revive_task", id) == 0) return not_now("cannot be retried", *record);
        } catch (const DatabaseError& error) {
          if (!error.is_constraint()) throw;
          return kind_is_open(name_of(record->kind));
        }
        {
          Query open = database.query("open_task", id);
          open.step();
          *revived = live_task_of(open).second;
        }
        return read_known(database, id);
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
  submit_body<TaskState>(
      [this, lease, live, state,
       reason = std::string(reason)](WriteTransaction& transaction) -> Result<TaskState> {
        if (!end_task(transaction.connection(), lease, live, state, clock_.wall(), reason)) {
          return lease_lost(lease.task);
        }
        return state;
      },
      std::nullopt,
      [this, id = lease.task](const Result<TaskState>& ended) {
        if (ended) task_ended(id, *ended);
      },
      nullptr);
}

// The writer's thread alone counts, one by one, so memory and the stored counter stay in step.
void SqliteStore::registry_moved(std::int64_t version) {
  registry_version_ = version;
  listener_.registry_changed(version);
}

void SqliteStore::forget_replies(std::vector<TaskId> tasks, Done<void> done) {
  submit_body<void>(
      [tasks = std::move(tasks)](WriteTransaction& transaction) -> Status {
        for (const TaskId& id : tasks) transaction.connection().execute("forget_reply", id);
        return {};
      },
      std::nullopt, nullptr, std::move(done));
}

}  // namespace rankloop::storage::sqlite
