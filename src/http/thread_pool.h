// The BlockingPool of a server: a fixed number of threads and a bounded line before them.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "http/await.h"
#include "sync/mutex.h"

namespace rankloop::http {

class ThreadPool final : public BlockingPool {
 public:
  // The threads are called "<name> 0" and so on.
  ThreadPool(const std::string& name, int threads, std::size_t max_waiting);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  // Ends what runs; what still waits in the line is dropped.
  ~ThreadPool() override;
  bool submit(std::function<void()> work) override;

 private:
  void work_until_closed();

  const std::size_t max_waiting_;
  Mutex mutex_;
  Condition changed_;
  std::deque<std::function<void()>> waiting_ GUARDED_BY(mutex_);
  bool closed_ GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace rankloop::http
