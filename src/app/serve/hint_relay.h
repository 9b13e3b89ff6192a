// Passes on what the store has done as hints, and what other processes have told by way of it. The one bridge
// between the two; neither knows the other.
#pragma once

#include "queue/queue.h"
#include "storage/listener.h"

namespace rankloop::app {

// What other processes have told by way of the store: for this process alone.
class RemoteChanges final : public storage::StoreListener {
 public:
  explicit RemoteChanges(queue::HintQueue& hints) : hints_(hints) {}
  void task_ready(TaskKind kind, const TaskId& id) noexcept override { hints_.hear_ready(kind, id); }
  void task_changed(const TaskId& id, TaskState state) noexcept override {
    hints_.hear(queue::TaskChanged{id, state});
  }
  void catalog_changed(std::int64_t version) noexcept override {
    hints_.hear(queue::CatalogChanged{version});
  }
  void registry_changed(std::int64_t version) noexcept override {
    hints_.hear(queue::RegistryChanged{version});
  }
  void happened(std::int64_t position) noexcept override { hints_.hear(queue::HistoryMoved{position}); }

 private:
  queue::HintQueue& hints_;
};

class HintRelay final : public storage::StoreListener {
 public:
  explicit HintRelay(queue::HintQueue& hints) : hints_(hints), heard_(hints) {}
  void task_ready(TaskKind kind, const TaskId& id) noexcept override { hints_.announce_ready(kind, id); }
  void task_changed(const TaskId& id, TaskState state) noexcept override {
    hints_.broadcast(queue::TaskChanged{id, state});
  }
  void catalog_changed(std::int64_t version) noexcept override {
    hints_.broadcast(queue::CatalogChanged{version});
  }
  void registry_changed(std::int64_t version) noexcept override {
    hints_.broadcast(queue::RegistryChanged{version});
  }
  // Other processes hear of it by the store itself.
  void happened(std::int64_t position) noexcept override { hints_.hear(queue::HistoryMoved{position}); }
  storage::StoreListener& of_others() noexcept override { return heard_; }
  bool reaches_others() const noexcept override { return hints_.reaches_others(); }
  bool tells_ready(TaskKind kind) const noexcept override {
    return queue::is_foreign(kind) && hints_.reaches_others();
  }

 private:
  queue::HintQueue& hints_;
  RemoteChanges heard_;
};

}  // namespace rankloop::app
