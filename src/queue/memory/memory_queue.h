// Hints inside one process: a bounded deque per kind of task and a list of receivers.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <utility>

#include "queue/queue.h"
#include "queue/receivers.h"
#include "sync/mutex.h"

namespace rankloop::queue::memory {

class MemoryQueue final : public HintQueue {
 public:
  // Hints beyond it are dropped; whoever polls the store finds the tasks all the same.
  static constexpr std::size_t kMaxHints = 65'536;

  void announce_ready(TaskKind kind, const TaskId& id) noexcept override;
  std::vector<TaskId> wait_ready(TaskKind kind, int limit, std::chrono::milliseconds at_most,
                                 std::stop_token stop) override;
  // A hint is gone when it is taken; nobody else could have it.
  void acknowledge(TaskKind, std::span<const TaskId>) noexcept override {}
  void broadcast(const Change& change) noexcept override { receivers_->tell(change); }
  void hear_ready(TaskKind kind, const TaskId& id) noexcept override { announce_ready(kind, id); }
  void hear(const Change& change) noexcept override { broadcast(change); }
  bool reaches_others() const noexcept override { return false; }
  [[nodiscard]] std::unique_ptr<Subscription> subscribe(std::function<void(const Change&)> receive) override {
    return receivers_->add(std::move(receive));
  }
  // No other program reaches this queue, so none waits.
  void send_result(const ForeignResult&) noexcept override {}
  std::string_view kind() const override { return "memory"; }
  Status ping() override { return {}; }
  QueueCounts counts() const override { return {.announced = announced_, .dropped = dropped_}; }

 private:
  struct ReadyHints {
    Mutex mutex;
    StoppableCondition arrived;
    std::deque<TaskId> hints GUARDED_BY(mutex);
    int waiters GUARDED_BY(mutex) = 0;
  };

  // Made when a kind is first spoken of; stays where it is.
  ReadyHints& of(TaskKind kind);

  Mutex mutex_;
  std::map<TaskKind, ReadyHints> ready_ GUARDED_BY(mutex_);  // whose parts have locks of their own
  std::shared_ptr<Receivers> receivers_ = std::make_shared<Receivers>();
  std::atomic<std::uint64_t> announced_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace rankloop::queue::memory
