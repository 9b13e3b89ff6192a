// Inferences that succeeded lately, so that status, results and picks are answered without the disk. Only a
// success is for good: any other end may be undone by a retry.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "app/lru_cache.h"
#include "domain/ids.h"
#include "domain/ranking.h"
#include "domain/task.h"

namespace rankloop::app {

// Everything but `shown` is fixed once the task has ended.
struct EndedInference {
  TaskId task;
  InferenceId inference;
  RequestId user;
  TaskState state = TaskState::kSucceeded;
  int attempt = 1;
  std::string error;               // public reason when it failed or was revoked
  std::string candidate_fields{};  // what the request says of its candidates
  Ranking ranking;
  // How many ranks are known to be shown (exposures only grow, so a stale value is low, never wrong).
  mutable std::atomic<int> shown{0};
};

class RecentInferences {
 public:
  using Pointer = std::shared_ptr<const EndedInference>;

  explicit RecentInferences(std::size_t max_bytes) : cache_(max_bytes) {}
  Pointer find(const TaskId& task) { return cache_.find(task); }
  // Answers the one that is kept: a known task keeps its entry (and its `shown`).
  Pointer keep(Pointer ended) {
    std::size_t bytes = ended->error.capacity() + ended->candidate_fields.capacity() +
                        ended->ranking.items.capacity() * sizeof(RankedItem) +
                        ended->ranking.left_out.capacity() * sizeof(LeftOut);
    for (const LeftOut& one : ended->ranking.left_out) bytes += one.text.size();
    const TaskId task = ended->task;
    return cache_.keep(task, std::move(ended), bytes);
  }

 private:
  LruCache<TaskId, EndedInference> cache_;
};

}  // namespace rankloop::app
