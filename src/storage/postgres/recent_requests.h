// Requests that this process has taken in and has not worked on yet: whoever claims one of them here need not
// read its columns from the payload again.
//
// Thread-safe. Forgets the oldest beyond its bound: it saves time, and nothing depends on it.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <unordered_map>

#include "domain/ids.h"
#include "storage/records.h"
#include "sync/mutex.h"

namespace rankloop::storage::postgres {

class RecentRequests {
 public:
  void add(std::shared_ptr<const NewInference> request) {
    const Lock lock(mutex_);
    const TaskId id = request->task;
    if (!requests_.insert({id, std::move(request)}).second) return;
    order_.push_back(id);
    if (order_.size() <= kMost) return;
    requests_.erase(order_.front());
    order_.pop_front();
  }
  // Null when it is not known here.
  std::shared_ptr<const NewInference> take(const TaskId& id) {
    const Lock lock(mutex_);
    const auto found = requests_.find(id);
    if (found == requests_.end()) return nullptr;
    std::shared_ptr<const NewInference> request = std::move(found->second);
    requests_.erase(found);
    return request;
  }

 private:
  static constexpr std::size_t kMost = 4'096;

  Mutex mutex_;
  // `order_` also names requests that were taken.
  std::unordered_map<TaskId, std::shared_ptr<const NewInference>> requests_ GUARDED_BY(mutex_);
  std::deque<TaskId> order_ GUARDED_BY(mutex_);
};

}  // namespace rankloop::storage::postgres
