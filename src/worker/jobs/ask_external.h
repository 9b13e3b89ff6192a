// The job of an inference task that a worker of another program (Python's Celery) ranks: the task stays ours,
// with lease, heartbeat and fence; the answer is checked and committed as if a model had made it.
#pragma once

#include <memory>
#include <stop_token>
#include <unordered_map>

#include "app/serve/external_ranking.h"
#include "app/serve/inference.h"
#include "queue/external_workers.h"
#include "storage/task_ledger.h"
#include "sync/mutex.h"
#include "telemetry/log.h"
#include "worker/job_table.h"
#include "worker/lease_keeper.h"

namespace rankloop::worker {

struct AskExternalOptions {
  int slots = 16;                           // tasks that are with the other workers at once
  std::chrono::milliseconds lease{60'000};  // as the store has it
};

// Thread-safe. No thread is held while a task is with the other workers. An answer that is wrong, none in
// time and an exception there are failed attempts with their reason; a broker or Redis that is away gives the
// task back.
class AskExternal {
 public:
  AskExternal(const AskExternalOptions& options, storage::TaskLedger& store, app::ExternalRanking ranking,
              app::Inference& inference, std::unique_ptr<queue::ExternalWorkers> workers,
              telemetry::Logger& log, const Clock& clock);
  ~AskExternal() { close(); }

  int slots() const { return options_.slots; }
  // See Job::room: 0 while broker or Redis are away.
  int room(const std::stop_token& stop);
  // Asks; returns at once. Called by one thread.
  void run(const storage::ClaimedTask& task);
  // What is open is given back. Idempotent; nothing may run() after it.
  void close();

 private:
  struct Open {
    storage::Lease lease;
    TaskId message;
  };

  void answered(const app::ExternalQuestion& asked, const Result<boost::json::value>& answer);
  void fail(app::InferenceRun& run, const Error& why);
  void lost(const storage::Lease& lease);
  void free_slot(const storage::Lease& lease);
  int free_slots() const REQUIRES(mutex_) { return options_.slots - static_cast<int>(open_.size()); }

  const AskExternalOptions options_;
  storage::TaskLedger& store_;
  const app::ExternalRanking ranking_;
  app::Inference& inference_;
  telemetry::Logger& log_;
  const Clock& clock_;

  Mutex mutex_;
  StoppableCondition freed_;
  std::unordered_map<TaskId, Open> open_ GUARDED_BY(mutex_);  // by the task's id

  // close() ends the keeper's thread first, for it calls the workers; their last answers still let go of
  // leases.
  LeaseKeeper keeper_;
  std::unique_ptr<queue::ExternalWorkers> workers_;
};

Job ask_external(AskExternal& external);

}  // namespace rankloop::worker
