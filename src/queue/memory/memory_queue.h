// Hints inside one process: a bounded deque per kind of task and a list of receivers.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>

#include "queue/queue.h"

namespace rankloop::queue::memory {

class MemoryQueue final : public HintQueue {
 public:
  // Hints beyond it are dropped; whoever polls the store finds the tasks all the same.
  static constexpr std::size_t kMaxHints = 65'536;

  MemoryQueue();

  void announce_ready(TaskKind kind, const TaskId& id) noexcept override;
  std::vector<TaskId> wait_ready(TaskKind kind, int limit, std::chrono::milliseconds at_most,
                                 std::stop_token stop) override;
  void broadcast(const Change& change) noexcept override;
  [[nodiscard]] std::unique_ptr<Subscription> subscribe(std::function<void(const Change&)> receive) override;
  std::string_view kind() const override { return "memory"; }
  Status ping() override { return {}; }

 private:
  struct Line {
    std::mutex mutex;
    std::condition_variable_any arrived;
    // Guarded by mutex.
    std::deque<TaskId> hints;
    int waiters = 0;
  };
  struct Receivers;
  class Receiver;

  std::array<Line, 2> lines_;  // per kind
  std::shared_ptr<Receivers> receivers_;  // subscriptions may outlive the queue
};

}  // namespace rankloop::queue::memory
