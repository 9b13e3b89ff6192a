// Keeps the leases of tasks that are worked on: one thread for all of them.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <thread>
#include <unordered_map>
#include <vector>

#include "storage/task_ledger.h"
#include "sync/mutex.h"

namespace rankloop::worker {

// Thread-safe.
class LeaseKeeper {
 public:
  // Who keeps a lease first prolongs it after one to two times `every`, and then each time. `lost` is called
  // on the keeper's thread for a lease whose task was cancelled or taken back; it is kept no longer. Nor is
  // one that was kept for `at_most`: whoever works on it seems to hang.
  LeaseKeeper(storage::TaskLedger& store, std::chrono::milliseconds every, std::chrono::milliseconds at_most,
              std::function<void(const storage::Lease&)> lost);

  void keep(const storage::Lease& lease);
  void let_go(const storage::Lease& lease);
  // No call of `lost` comes after it. Idempotent.
  void stop();

 private:
  using Time = std::chrono::steady_clock;
  struct Kept {
    storage::Lease lease;
    Time::time_point since;
  };

  void run(const std::stop_token& stop);
  void prolong(const std::stop_token& stop);
  std::vector<storage::Lease> due();

  storage::TaskLedger& store_;
  const std::chrono::milliseconds every_;
  const std::chrono::milliseconds at_most_;
  const std::function<void(const storage::Lease&)> lost_;

  Mutex mutex_;
  std::unordered_map<TaskId, Kept> kept_ GUARDED_BY(mutex_);
  std::jthread thread_;  // last: ends before the rest
};

}  // namespace rankloop::worker
