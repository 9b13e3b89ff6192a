// A thread with a bounded line of work before it: for what may block, where the caller must not. Thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "sync/mutex.h"

namespace rankloop::app {

class SerialExecutor {
 public:
  // The thread is called `name`.
  SerialExecutor(const std::string& name, std::size_t most_waiting);
  ~SerialExecutor() { stop(); }

  // False when the line is full or stopped. What work throws ends that work.
  bool submit(std::function<void()> work);
  // Ends what runs; what still waits is dropped. Idempotent.
  void stop();

 private:
  void run(const std::stop_token& stop);

  const std::size_t most_waiting_;
  Mutex mutex_;
  StoppableCondition changed_;
  std::deque<std::function<void()>> waiting_ GUARDED_BY(mutex_);
  bool stopped_ GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace rankloop::app
