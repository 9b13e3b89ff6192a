// Worker threads: wait for a hint (or look by themselves once a second), claim, run, again.
#pragma once

#include <chrono>
#include <stop_token>
#include <thread>
#include <vector>

#include "queue/queue.h"
#include "storage/task_ledger.h"
#include "telemetry/log.h"
#include "worker/job_table.h"
#include "worker/lease_keeper.h"

namespace rankloop::worker {

class Pool {
 public:
  // `lease`: as long as a claim holds; it is prolonged as long as its job runs. `gather`: so long a thread
  // that had several tasks at once waits for more, where that saves the store work.
  Pool(storage::TaskLedger& store, queue::HintQueue& hints, telemetry::Logger& log,
       std::chrono::milliseconds lease, std::chrono::milliseconds gather = {});
  ~Pool() { stop(); }

  // Starts up to `threads` threads for a job; may be called once for each kind.
  void start(const Job& job, int threads);
  // Running jobs end (long ones give their task back), nothing more is claimed; returns when every thread has
  // ended. Idempotent.
  void stop();

 private:
  struct Looking;  // what a thread remembers from one turn to the next

  void work(const Job& job, const std::stop_token& stop);
  void turn(const Job& job, Looking& looking, const std::stop_token& stop);
  void run_guarded(const Job& job, const storage::ClaimedTask& task, const std::stop_token& stop);

  storage::TaskLedger& store_;
  queue::HintQueue& hints_;
  telemetry::Logger& log_;
  LeaseKeeper keeper_;
  const std::chrono::milliseconds gather_;
  std::vector<std::jthread> threads_;
};

}  // namespace rankloop::worker
