#include "queue/memory/memory_queue.h"

#include <algorithm>
#include <new>
#include <shared_mutex>
#include <utility>

namespace rankloop::queue::memory {

// Broadcasting holds the lock shared: the end of a subscription waits until nobody is inside a receiver.
struct MemoryQueue::Receivers {
  std::shared_mutex mutex;
  // Guarded by mutex.
  std::map<int, std::function<void(const Change&)>> by_number;
  int next = 0;
};

class MemoryQueue::Receiver final : public Subscription {
 public:
  Receiver(std::shared_ptr<Receivers> receivers, int number)
      : receivers_(std::move(receivers)), number_(number) {}
  ~Receiver() override {
    const std::unique_lock lock(receivers_->mutex);
    receivers_->by_number.erase(number_);
  }

 private:
  std::shared_ptr<Receivers> receivers_;
  int number_;
};

MemoryQueue::MemoryQueue() : receivers_(std::make_shared<Receivers>()) {}

void MemoryQueue::announce_ready(TaskKind kind, const TaskId& id) noexcept {
  Line& line = lines_[static_cast<std::size_t>(kind)];
  const std::lock_guard lock(line.mutex);
  if (line.hints.size() >= kMaxHints) return;
  try {
    line.hints.push_back(id);
  } catch (const std::bad_alloc&) {
    return;  // dropped, as by a full queue
  }
  if (line.waiters > 0) line.arrived.notify_one();
}

std::vector<TaskId> MemoryQueue::wait_ready(TaskKind kind, int limit, std::chrono::milliseconds at_most,
                                            std::stop_token stop) {
  Line& line = lines_[static_cast<std::size_t>(kind)];
  std::unique_lock lock(line.mutex);
  if (line.hints.empty()) {
    ++line.waiters;
    line.arrived.wait_for(lock, stop, at_most, [&] { return !line.hints.empty(); });
    --line.waiters;
  }
  const auto count = std::min(static_cast<std::ptrdiff_t>(std::max(limit, 0)),
                              static_cast<std::ptrdiff_t>(line.hints.size()));
  std::vector<TaskId> taken(line.hints.begin(), line.hints.begin() + count);
  line.hints.erase(line.hints.begin(), line.hints.begin() + count);
  return taken;
}

void MemoryQueue::broadcast(const Change& change) noexcept {
  const std::shared_lock lock(receivers_->mutex);
  for (const auto& [number, receive] : receivers_->by_number) receive(change);
}

std::unique_ptr<Subscription> MemoryQueue::subscribe(std::function<void(const Change&)> receive) {
  const std::unique_lock lock(receivers_->mutex);
  const int number = receivers_->next++;
  receivers_->by_number.emplace(number, std::move(receive));
  return std::make_unique<Receiver>(receivers_, number);
}

}  // namespace rankloop::queue::memory
