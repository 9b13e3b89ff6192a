// A count that tests wait for instead of sleeping.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace rankloop::testing {

class Signal {
 public:
  void raise() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  // True once it was raised `times` times; false when that takes longer than any test may.
  bool wait(int times = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return count_ >= times; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

}  // namespace rankloop::testing
