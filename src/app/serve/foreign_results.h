// Results of tasks that other programs sent: to whoever waits for them, once the task has ended.
//
// A process answers what it took in itself as soon as it hears of the end. What it missed (a lost hint, a
// process that was killed) stands in the store: the process that maintains the store looks for it. A result
// may so be sent twice; one that waits for a back-end that is away goes with its process. Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/serve/inference.h"
#include "app/serve/item_payloads.h"
#include "app/serve/serial_executor.h"
#include "app/serve/serving.h"
#include "domain/clock.h"
#include "queue/queue.h"
#include "storage/task_ledger.h"
#include "sync/mutex.h"
#include "telemetry/log.h"

namespace rankloop::app {

class ForeignResults {
 public:
  ForeignResults(storage::TaskLedger& store, Inference& inference, ItemPayloads& payloads,
                 const Serving& serving, queue::HintQueue& hints, telemetry::Logger& log, const Clock& clock);
  ~ForeignResults() { stop(); }

  // The end of this task is to be answered at once. False when that is known already, or too many are.
  bool expect(const TaskId& task, storage::Reply reply);
  void forget(const TaskId& task);
  // Answers what has ended a while ago and is still waited for. Blocks.
  void answer_due();
  // Nothing is answered any more. Idempotent.
  void stop();

 private:
  void changed(const TaskId& task, TaskState state);
  void answer_now(const TaskId& task);
  // The result as JSON; nothing when the store is away.
  std::optional<std::string> meta_of(const storage::TaskRecord& task);
  Result<std::string> ranking_of(const TaskId& task);
  void send(const storage::TaskRecord& task, const storage::Reply& reply, std::string meta);
  void sent(std::vector<TaskId> tasks);

  storage::TaskLedger& store_;
  Inference& inference_;
  ItemPayloads& payloads_;
  const Serving& serving_;
  queue::HintQueue& hints_;
  telemetry::Logger& log_;
  const Clock& clock_;

  Mutex mutex_;
  std::unordered_map<TaskId, storage::Reply> expected_ GUARDED_BY(mutex_);
  SerialExecutor executor_;
  std::unique_ptr<queue::Subscription> subscription_;  // last: ends before the rest goes
};

}  // namespace rankloop::app
