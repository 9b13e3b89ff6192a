// The threads and the work that waits for them.
#include "http/thread_pool.h"

#include <utility>

#include "error/caught.h"
#include "telemetry/thread_name.h"

namespace rankloop::http {

ThreadPool::ThreadPool(const std::string& name, int threads, std::size_t max_waiting)
    : max_waiting_(max_waiting) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this, own = name + " " + std::to_string(i)] {
      telemetry::name_this_thread(own);
      work_until_closed();
    });
  }
}

ThreadPool::~ThreadPool() {
  {
    const Lock lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool ThreadPool::submit(std::function<void()> work) {
  {
    const Lock lock(mutex_);
    if (closed_ || waiting_.size() >= max_waiting_) return false;
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void ThreadPool::work_until_closed() {
  for (;;) {
    std::function<void()> work;
    {
      Lock lock(mutex_);
      changed_.wait(lock, [this]() REQUIRES(mutex_) { return closed_ || !waiting_.empty(); });
      if (closed_) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    static_cast<void>(without_throwing(work));  // it has told whoever waits
  }
}

}  // namespace rankloop::http
