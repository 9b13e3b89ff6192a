// A count that tests wait for instead of sleeping.
#pragma once

#include <chrono>

#include "sync/mutex.h"

namespace rankloop::testing {

class Signal {
 public:
  void raise() {
    const Lock lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  // True once it was raised `times` times; false when that takes longer than any test may.
  bool wait(int times = 1) {
    Lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return count_ >= times; });
  }

 private:
  Mutex mutex_;
  Condition changed_;
  int count_ = 0;
};

}  // namespace rankloop::testing
