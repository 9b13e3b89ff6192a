// The task ledger's use cases: look, cancel, retry. Reads block; changes answer through `done`. Thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "storage/task_ledger.h"
#include "telemetry/metrics.h"

namespace rankloop::app {

class Tasks {
 public:
  Tasks(storage::TaskLedger& store, telemetry::Metrics& metrics) : store_(store), metrics_(metrics) {}

  // kNotFound "Task not found".
  Result<storage::TaskRecord> get(const TaskId& task);
  Result<std::vector<storage::TaskRecord>> list(const storage::TaskFilter& filter) {
    return store_.tasks(filter);
  }

  // kNotFound; kFailedPrecondition when it has already succeeded or failed. A revoked task answers again.
  void cancel(const TaskId& task, std::optional<storage::RecordedAnswer<storage::TaskRecord>> keep,
              storage::Done<storage::TaskRecord> done);
  // failed or revoked -> ready. kNotFound; kFailedPrecondition.
  void retry(const TaskId& task, std::optional<storage::RecordedAnswer<storage::TaskRecord>> keep,
             storage::Done<storage::TaskRecord> done);

 private:
  storage::TaskLedger& store_;
  telemetry::Metrics& metrics_;
};

}  // namespace rankloop::app
