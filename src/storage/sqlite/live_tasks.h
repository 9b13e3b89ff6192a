// The tasks that are not finished: who may work on what, until when. SQLite's store belongs to one process,
// so leases live here and not on the disk; what the disk says of these tasks is "not finished".
//
// A claim, a heartbeat and a release change this memory alone. Everything else that ends or moves a task is
// written first and told here after the commit. A claim raises the fence, and so does taking a lease back: a
// worker with an older fence is refused.
//
// All calls are thread-safe and short; none touches the disk.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "domain/clock.h"
#include "domain/ids.h"
#include "domain/task.h"
#include "error/result.h"
#include "storage/records.h"
#include "storage/task_refusals.h"
#include "sync/mutex.h"

namespace rankloop::storage::sqlite {

struct LiveTask {
  TaskKind kind = TaskKind::kInference;
  TaskState state = TaskState::kReady;
  int attempt = 0;         // attempts begun
  std::int64_t fence = 0;  // of the last claim
  std::shared_ptr<const NewInference> inference;
  std::string arguments;
  std::optional<WallTime> started;  // of the last attempt
  std::string progress;             // of the running attempt
  Monotonic until{};                // running: the lease's end; scheduled: when it becomes ready
  std::optional<WallTime> expires;  // when it will not begin any more
  std::optional<telemetry::TraceContext> trace;
};

class LiveTasks {
 public:
  LiveTasks(const Clock& clock, std::chrono::milliseconds lease, std::size_t max_waiting);

  // Takes a ready or scheduled task in, not yet to be claimed: announce() opens it. kResourceExhausted when
  // too many wait; a `forced` one is taken all the same (it was accepted before).
  Status add(const TaskId& id, LiveTask task, bool forced);
  // Lets it be claimed; false when it is no longer there or scheduled.
  bool announce(const TaskId& id);
  void remove(const TaskId& id);

  std::vector<ClaimedTask> claim(TaskKind kind, std::span<const TaskId> named, int limit);
  Status heartbeat(const Lease& lease, std::string progress);
  // The task as its lease's holder sees it; nothing when the lease is lost.
  std::optional<LiveTask> held(const Lease& lease) const;
  // Ready (no delay) or scheduled again; true when it is ready at once. `counted`: the attempt stays counted.
  bool put_back(const Lease& lease, std::chrono::milliseconds delay, bool counted);

  struct Swept {
    std::vector<std::pair<TaskKind, TaskId>> ready;  // became ready
    std::vector<std::pair<Lease, LiveTask>> lost;  // lost the last lease they could have, still to be failed
    std::vector<std::pair<Lease, LiveTask>> expired;  // never begun and too late, still to be ended
    std::size_t taken_back = 0;                       // of `ready`, those that lost a lease
  };
  // Scheduled tasks whose time has come become ready; expired leases are taken back with a raised fence. What
  // `lost` (for the `max_attempts`-th time) and `expired` name stays running under the fence that they name,
  // for another lease's time.
  Swept sweep(int max_attempts);

  std::optional<LiveTask> find(const TaskId& id) const;
  std::optional<std::pair<TaskState, int>> state(const TaskId& id) const noexcept;
  std::vector<OpenTasks> open(TaskKind kind) const;
  // Ids in a state, new to old, older than `before` if given.
  std::vector<TaskId> list(TaskState state, std::optional<TaskKind> kind, const std::optional<TaskId>& before,
                           int limit) const;

 private:
  using Tasks = std::unordered_map<TaskId, LiveTask>;
  std::set<TaskId>& ready(TaskKind kind) REQUIRES(mutex_) { return ready_[kind]; }
  void make_ready(const TaskId& id, LiveTask& task) REQUIRES(mutex_);
  ClaimedTask lease_out(const TaskId& id, LiveTask& task) REQUIRES(mutex_);
  void expire(const TaskId& id, LiveTask& task, Swept& swept) REQUIRES(mutex_);
  void take_back(const TaskId& id, LiveTask& task, int max_attempts, Swept& swept) REQUIRES(mutex_);
  LiveTask* holder(const Lease& lease) REQUIRES(mutex_);

  const Clock& clock_;
  const std::chrono::milliseconds lease_;
  const std::size_t max_waiting_;

  mutable Mutex mutex_;
  Tasks tasks_ GUARDED_BY(mutex_);
  std::map<TaskKind, std::set<TaskId>> ready_ GUARDED_BY(mutex_);  // ids sort by age
  std::size_t waiting_ GUARDED_BY(mutex_) = 0;                     // ready and scheduled
};

}  // namespace rankloop::storage::sqlite
