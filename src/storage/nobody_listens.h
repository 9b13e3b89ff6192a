// For a store beside which nothing runs that would want to hear of changes.
#pragma once

#include "storage/store.h"

namespace rankloop::storage {

class NobodyListens final : public StoreListener {
 public:
  void task_ready(TaskKind, const TaskId&) noexcept override {}
  void task_changed(const TaskId&, TaskState) noexcept override {}
  void catalog_changed(std::int64_t) noexcept override {}
  void registry_changed(std::int64_t) noexcept override {}
};

}  // namespace rankloop::storage
