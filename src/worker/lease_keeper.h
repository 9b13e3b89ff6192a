// Keeps the leases of tasks that others work on: one thread for all of them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <unordered_map>

#include "storage/store.h"

namespace rankloop::worker {

// Thread-safe.
class LeaseKeeper {
 public:
  // `lost` is called on the keeper's thread for a lease whose task was cancelled or taken back; it is kept no
  // longer.
  LeaseKeeper(storage::Store& store, std::chrono::milliseconds every,
              std::function<void(const storage::Lease&)> lost);

  void keep(const storage::Lease& lease);
  void let_go(const storage::Lease& lease);
  // No call of `lost` comes after it. Idempotent.
  void stop();

 private:
  void run(const std::stop_token& stop);

  storage::Store& store_;
  const std::chrono::milliseconds every_;
  const std::function<void(const storage::Lease&)> lost_;

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::unordered_map<TaskId, storage::Lease> kept_;  // guarded by mutex_
  std::jthread thread_;                              // last: ends before the rest
};

}  // namespace rankloop::worker
