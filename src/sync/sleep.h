// Sleeping that ends early when a stop is asked for.
#pragma once

#include <chrono>
#include <stop_token>

#include "sync/mutex.h"

namespace rankloop {

// Whether the whole time went by: false when a stop was asked for, also before.
inline bool sleep_for(std::chrono::nanoseconds time, const std::stop_token& stop) {
  Mutex mutex;
  StoppableCondition stopped;
  Lock lock{mutex};
  stopped.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

inline void sleep_until_stopped(const std::stop_token& stop) {
  Mutex mutex;
  StoppableCondition stopped;
  Lock lock{mutex};
  stopped.wait(lock, stop, [] { return false; });
}

}  // namespace rankloop
