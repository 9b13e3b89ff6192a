// Passes on what the store has done as hints. The one bridge between the two; neither knows the other.
#pragma once

#include "queue/queue.h"
#include "storage/store.h"

namespace rankloop::app {

class HintRelay final : public storage::StoreListener {
 public:
  explicit HintRelay(queue::HintQueue& hints) : hints_(hints) {}
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

 private:
  queue::HintQueue& hints_;
};

// The same of what other processes have told by way of the store: for this process alone.
class HeardRelay final : public storage::StoreListener {
 public:
  explicit HeardRelay(queue::HintQueue& hints) : hints_(hints) {}
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

 private:
  queue::HintQueue& hints_;
};

}  // namespace rankloop::app
