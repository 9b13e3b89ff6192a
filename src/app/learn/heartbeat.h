// The signs of life of a long task: prolongs its lease, tells its progress, and stops the work when the lease
// is lost (cancelled, or taken back) or the worker is told to end.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "storage/task_ledger.h"
#include "sync/mutex.h"

namespace rankloop::app {

// Thread-safe. Its thread ends with it.
class Heartbeat {
 public:
  Heartbeat(storage::TaskLedger& store, const storage::Lease& lease, std::chrono::milliseconds every,
            const std::stop_token& outer);
  ~Heartbeat() = default;
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  // The progress that the next beat carries; a small JSON text.
  void tell(std::string progress);
  std::stop_token stop() const { return stop_.get_token(); }
  bool lost() const { return lost_; }

 private:
  void beat(const std::stop_token& end, std::chrono::milliseconds every);
  std::string progress();

  storage::TaskLedger& store_;
  const storage::Lease lease_;
  std::stop_source stop_;
  std::atomic<bool> lost_{false};
  std::stop_callback<std::function<void()>> outer_;

  Mutex mutex_;
  std::string progress_ GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace rankloop::app
