// Who hears of the store's changes.
#pragma once

#include <cstdint>

#include "domain/ids.h"
#include "domain/task.h"

namespace rankloop::storage {

// Hears what the store has done, to pass it on as hints. Called on the store's threads, after the commit,
// except that an embedded store may announce a task as ready as soon as its row stands in the writer's line:
// whatever the worker then writes stands behind it; and what memory alone changes (a claim, a release, a
// sweep) is told on the caller's thread.
class StoreListener {
 public:
  virtual ~StoreListener() = default;
  virtual void task_ready(TaskKind kind, const TaskId& id) noexcept = 0;
  virtual void task_changed(const TaskId& id, TaskState state) noexcept = 0;
  virtual void catalog_changed(std::int64_t version) noexcept = 0;
  virtual void registry_changed(std::int64_t version) noexcept = 0;
  // history_position() has risen to this.
  virtual void happened(std::int64_t /*position*/) noexcept {}

  // Where several processes work on one store: who hears what the others have done to tasks. Asked once, when
  // the store is opened.
  virtual StoreListener& of_others() noexcept { return *this; }
  // Whether what this hears of changes of tasks reaches other processes by itself, so that the store need not
  // tell them; and what it hears of ready tasks of a kind. Asked on any thread.
  virtual bool reaches_others() const noexcept { return false; }
  virtual bool tells_ready(TaskKind /*kind*/) const noexcept { return reaches_others(); }
};

}  // namespace rankloop::storage
