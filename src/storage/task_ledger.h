// Tasks of every kind: who works on what, and what became of it. See writes.h for threads and errors.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "domain/clock.h"
#include "domain/ids.h"
#include "domain/task.h"
#include "error/result.h"
#include "storage/records.h"
#include "storage/writes.h"

namespace rankloop::storage {

class TaskLedger {
 public:
  virtual ~TaskLedger() = default;

  // Any kind but inference, which has its own in inference_ledger.h. kFailedPrecondition: of its kind there
  // is one at a time, and one is waiting or running already. kAlreadyExists: the task is there.
  virtual void start_job(NewJob job, std::optional<RecordedAnswer<TaskRecord>> keep,
                         Done<TaskRecord> done) = 0;
  // The job's success with what it came to, and the model that it made, if any, in one transaction; answers
  // the model's id (0: none, or a dry run, whose verdict alone is kept). kAborted: the lease is no longer
  // held.
  virtual void finish_job(const Lease& lease, JobResult result, WallTime at, Done<ModelId> done) = 0;
  // Takes leases on ready tasks: those named, as far as they are still ready, or (named empty) the oldest
  // ones. kRunning from here on; at most `limit`. Blocks at most for one round trip.
  virtual Result<std::vector<ClaimedTask>> claim(TaskKind kind, std::span<const TaskId> named, int limit) = 0;
  // Prolongs a lease and tells how far the work is: a small JSON text that TaskRecord::progress answers until
  // the attempt ends (empty: as before). kAborted when the lease is lost or the task was cancelled: stop
  // working.
  virtual Status heartbeat(const Lease& lease, std::string progress) = 0;
  // An attempt failed. With `retry_in` (and attempts left) the task is scheduled again, otherwise it fails
  // with `reason` for good. Answers the state it got. kAborted: the lease is no longer held.
  virtual void fail_task(const Lease& lease, std::string reason,
                         std::optional<std::chrono::milliseconds> retry_in, Done<TaskState> done) = 0;
  // Gives a task back unharmed (a drain, or a store that could not commit): ready again after `delay`, the
  // attempt is not counted.
  virtual void release(const Lease& lease, std::chrono::milliseconds delay) = 0;
  // kNotFound; kFailedPrecondition when already succeeded or failed; a revoked task answers again.
  virtual void cancel_task(const TaskId& id, std::string reason,
                           std::optional<RecordedAnswer<TaskRecord>> keep, Done<TaskRecord> done) = 0;
  // failed, cancelled, expired -> ready. kNotFound; kFailedPrecondition in any other state.
  virtual void retry_task(const TaskId& id, std::optional<RecordedAnswer<TaskRecord>> keep,
                          Done<TaskRecord> done) = 0;
  // Adds a task that has ended already, never begun, so that it is seen and answered like any other. A retry
  // of it is refused. kAlreadyExists: the task is there, and nothing was changed.
  virtual void refuse_task(RefusedTask task, Done<void> done) = 0;
  // These tasks' results were sent to whoever waited for them.
  virtual void forget_replies(std::vector<TaskId> tasks, Done<void> done) = 0;
  // Lets what is due become ready, expires what came too late, and takes back expired leases. Called by the
  // sweeper about once a second.
  virtual Status sweep() = 0;
  virtual Result<TaskRecord> task(const TaskId& id) = 0;
  // From memory, never blocks: the state of an inference task that is not terminal, where this process alone
  // knows it (embedded); nothing otherwise.
  virtual std::optional<std::pair<TaskState, int>> live_state(const TaskId& id) const noexcept = 0;
  virtual Result<std::vector<TaskRecord>> tasks(const TaskFilter& filter) = 0;
  // Tasks that ended at this moment or before and that somebody waits for, in order of their ends.
  virtual Result<std::vector<DueReply>> due_replies(WallTime ended_by, int limit) = 0;
  // How many tasks are scheduled, ready and running, by state; from memory or a small index, never a scan of
  // the ledger.
  virtual Result<std::vector<OpenTasks>> open_tasks(TaskKind kind) = 0;
};

}  // namespace rankloop::storage
