// Who works on what, until when: claims, heartbeats, releases and the sweep, each one guarded UPDATE over a
// connection of its own, by the database's clock.
#include <unordered_set>

#include "storage/postgres/hints.h"
#include "storage/postgres/postgres_store.h"
#include "storage/task_refusals.h"

namespace rankloop::storage::postgres {
namespace {

constexpr std::chrono::minutes kForgetEvery{1};
constexpr int kPortion = 5'000;  // rows of batches that are forgotten at once
constexpr int kMostPortions = 20;

Rows claim_rows(Connection& connection, TaskKind kind, std::span<const TaskId> named, int limit,
                std::chrono::milliseconds lease, LowWaterMark& mark) {
  const int number = static_cast<int>(kind);
  if (named.empty()) {
    const TaskId from = mark.get(connection);
    return connection.run("claim_oldest", number, limit, std::int64_t{lease.count()}, from);
  }
  Array ids(Array::Of::kTaskId);
  for (const TaskId& id : named) ids.add(id);
  return connection.run("claim_named", number, ids, limit, std::int64_t{lease.count()});
}

struct Swept {
  std::vector<std::pair<TaskKind, TaskId>> ready;
  std::vector<TaskId> failed;
  std::vector<TaskId> expired;
  std::size_t taken_back = 0;
};

struct Sweeping {
  int max_attempts = 0;
  bool take_back = false;
  bool tell_all = false;
};

Swept sweep_rows(Connection& connection, const Sweeping& wanted, const TaskId& from) {
  Swept swept;
  std::unordered_set<TaskId> seen;
  const auto take_ready = [&](const Rows& rows) {
    for (int i = 0; i < rows.size(); ++i) {
      const TaskId id = rows[i].task_id("id");
      if (seen.insert(id).second) swept.ready.emplace_back(static_cast<TaskKind>(rows[i].small("kind")), id);
    }
  };
  connection.send("expire_tasks", kExpired, from);  // before what is due may begin
  connection.send("wake_tasks", from);
  if (wanted.take_back) connection.send("take_back_tasks", wanted.max_attempts, from);
  if (wanted.tell_all) connection.send("ready_tasks");
  const std::vector<Rows> results = connection.flush();
  for (int i = 0; i < results[0].size(); ++i) swept.expired.push_back(results[0][i].task_id("id"));
  take_ready(results[1]);
  if (wanted.take_back) {
    const Rows& lost = results[2];
    for (int i = 0; i < lost.size(); ++i) {
      const TaskId id = lost[i].task_id("id");
      if (static_cast<TaskState>(lost[i].small("state")) == TaskState::kFailed) {
        swept.failed.push_back(id);
      } else {
        ++swept.taken_back;
        seen.insert(id);
        swept.ready.emplace_back(static_cast<TaskKind>(lost[i].small("kind")), id);
      }
    }
  }
  if (wanted.tell_all) take_ready(results.back());
  return swept;
}

void notify(Connection& connection, const std::vector<std::string>& payloads) {
  if (payloads.empty()) return;
  for (const std::string& payload : payloads) connection.send("notify", payload);
  try {
    connection.flush();
  } catch (const DatabaseError&) {
    // Hints may be lost; what they tell of is done.
  }
}

}  // namespace

ClaimedTask PostgresStore::claimed_task(const Row& row) {
  ClaimedTask task;
  task.lease = {row.task_id("id"), row.integer("fence")};
  task.kind = static_cast<TaskKind>(row.small("kind"));
  task.attempt = row.small("attempt");
  task.arguments = row.text("arguments");
  task.trace = telemetry::parse_traceparent(row.bytes("trace"));
  if (task.kind != TaskKind::kInference) return task;
  task.inference = recent_.take(task.lease.task);
  if (task.inference != nullptr) return task;
  Result<NewInference> request = new_inference_of(row);
  if (!request) row.damaged(request.error().message);
  task.inference = std::make_shared<const NewInference>(*std::move(request));
  return task;
}

Result<std::vector<ClaimedTask>> PostgresStore::claim(TaskKind kind, std::span<const TaskId> named,
                                                      int limit) {
  using Claimed = std::vector<ClaimedTask>;
  Result<Claimed> claimed = leases_.with<Claimed>([&](Connection& connection) -> Result<Claimed> {
    const Rows rows = claim_rows(connection, kind, named, limit, options_.lease, mark_);
    Claimed found;
    for (int i = 0; i < rows.size(); ++i) found.push_back(claimed_task(rows[i]));
    return found;
  });
  if (!claimed) return claimed;
  for (const ClaimedTask& task : *claimed) {
    batch_.hint_later(changed_hint(task.lease.task, TaskState::kRunning));
    listener_.task_changed(task.lease.task, TaskState::kRunning);
  }
  return claimed;
}

Status PostgresStore::heartbeat(const Lease& lease, std::string progress) {
  return leases_.with<void>([&](Connection& connection) -> Status {
    const Rows rows = connection.run("prolong_lease", lease.task, lease.fence,
                                     std::int64_t{options_.lease.count()}, unless_empty(progress));
    if (rows.changed() == 0) return lease_lost(lease.task);
    return {};
  });
}

void PostgresStore::release(const Lease& lease, std::chrono::milliseconds delay) {
  const Result<bool> ready = leases_.with<bool>([&](Connection& connection) -> Result<bool> {
    const Rows rows = connection.run("release_task", lease.task, lease.fence, std::int64_t{delay.count()});
    if (rows.empty() || static_cast<TaskState>(rows.front().small("state")) != TaskState::kReady)
      return false;
    const auto kind = static_cast<TaskKind>(rows.front().small("kind"));
    notify(connection, batch_.pack({ready_hint(kind, lease.task)}));
    listener_.task_ready(kind, lease.task);
    return true;
  });
  // One that could not be given back is taken back when its lease ends.
  static_cast<void>(ready);
}

Status PostgresStore::sweep() {
  const bool all = announce_all_.exchange(false);
  const Sweeping wanted{.max_attempts = options_.max_attempts,
                        .take_back = std::chrono::steady_clock::now() >= take_back_from_.load(),
                        .tell_all = all};
  const Result<Swept> swept = leases_.with<Swept>([&](Connection& connection) -> Result<Swept> {
    Swept found = sweep_rows(connection, wanted, mark_.get(connection));
    std::vector<std::string> hints;
    for (const auto& [kind, id] : found.ready) hints.push_back(ready_hint(kind, id));
    for (const TaskId& id : found.failed) hints.push_back(changed_hint(id, TaskState::kFailed));
    for (const TaskId& id : found.expired) hints.push_back(changed_hint(id, TaskState::kExpired));
    notify(connection, batch_.pack(hints));
    forget_batches(connection);
    return found;
  });
  if (!swept) {
    if (all) announce_all_ = true;
    return swept.error();
  }
  count_retries(swept->taken_back);
  for (const auto& [kind, id] : swept->ready) listener_.task_ready(kind, id);
  for (const TaskId& id : swept->expired) task_ended(id, TaskState::kExpired);
  for (const TaskId& id : swept->failed) task_ended(id, TaskState::kFailed);
  return {};
}

// Now and then, and a portion after another, so that nobody waits for the whole.
void PostgresStore::forget_batches(Connection& connection) {
  const auto now = std::chrono::steady_clock::now();
  if (batches_forgotten_.load() + kForgetEvery > now) return;
  for (int portion = 0; portion < kMostPortions; ++portion) {
    if (connection.run("forget_batches", kPortion).changed() < kPortion) break;
  }
  batches_forgotten_ = now;
}

}  // namespace rankloop::storage::postgres
