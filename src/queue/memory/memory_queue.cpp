// The deques of hints and those who wait for them.
#include "queue/memory/memory_queue.h"

#include <algorithm>
#include <new>

namespace rankloop::queue::memory {

MemoryQueue::ReadyHints& MemoryQueue::of(TaskKind kind) {
  const Lock lock(mutex_);
  return ready_[kind];
}

void MemoryQueue::announce_ready(TaskKind kind, const TaskId& id) noexcept {
  try {
    ReadyHints& line = of(kind);
    const Lock lock(line.mutex);
    if (line.hints.size() < kMaxHints) {
      line.hints.push_back(id);
      ++announced_;
    } else {
      ++dropped_;
    }
    if (line.waiters > 0) line.arrived.notify_one();
  } catch (const std::bad_alloc&) {
    ++dropped_;
  }
}

std::vector<TaskId> MemoryQueue::wait_ready(TaskKind kind, int limit, std::chrono::milliseconds at_most,
                                            std::stop_token stop) {
  ReadyHints& line = of(kind);
  Lock lock(line.mutex);
  if (line.hints.empty()) {
    ++line.waiters;
    line.arrived.wait_for(lock, stop, at_most, [&]() REQUIRES(line.mutex) { return !line.hints.empty(); });
    --line.waiters;
  }
  const auto count = std::min(static_cast<std::ptrdiff_t>(std::max(limit, 0)),
                              static_cast<std::ptrdiff_t>(line.hints.size()));
  std::vector<TaskId> taken(line.hints.begin(), line.hints.begin() + count);
  line.hints.erase(line.hints.begin(), line.hints.begin() + count);
  return taken;
}

}  // namespace rankloop::queue::memory
