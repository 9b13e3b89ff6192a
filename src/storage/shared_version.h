// A number that only grows, told to somebody once for each step. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>

#include "sync/mutex.h"

namespace rankloop::storage {

class SharedVersion {
 public:
  std::int64_t get() const noexcept { return value_.load(); }
  // Calls `tell` when the version is newer; has told whatever was known before it returns.
  template <class Tell>
  void raise(std::int64_t version, const Tell& tell) {
    const Lock lock(mutex_);
    if (version <= value_.load()) return;
    value_.store(version);
    tell(version);
  }

 private:
  Mutex mutex_;
  std::atomic<std::int64_t> value_{0};
};

}  // namespace rankloop::storage
