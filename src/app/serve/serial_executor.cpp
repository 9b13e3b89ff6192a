// The thread of a line and the work that waits for it.
#include "app/serve/serial_executor.h"

#include <utility>

#include "error/caught.h"
#include "telemetry/thread_name.h"

namespace rankloop::app {

SerialExecutor::SerialExecutor(const std::string& name, std::size_t most_waiting)
    : most_waiting_(most_waiting), thread_([this, name](const std::stop_token& stop) {
        telemetry::name_this_thread(name);
        run(stop);
      }) {}

bool SerialExecutor::submit(std::function<void()> work) {
  const Lock lock(mutex_);
  if (stopped_ || waiting_.size() >= most_waiting_) return false;
  waiting_.push_back(std::move(work));
  changed_.notify_one();
  return true;
}

void SerialExecutor::stop() {
  {
    const Lock lock(mutex_);
    stopped_ = true;
    waiting_.clear();
  }
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void SerialExecutor::run(const std::stop_token& stop) {
  while (true) {
    std::function<void()> work;
    {
      Lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this]() REQUIRES(mutex_) { return !waiting_.empty(); })) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    static_cast<void>(without_throwing(work));
  }
}

}  // namespace rankloop::app
