// Who listens to changes inside this process.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "queue/queue.h"
#include "sync/mutex.h"

namespace rankloop::queue {

// Thread-safe. Held by shared_ptr, for a subscription may outlive its queue.
class Receivers : public std::enable_shared_from_this<Receivers> {
 public:
  std::unique_ptr<Subscription> add(std::function<void(const Change&)> receive);
  // Calls everyone on the calling thread. The end of a subscription waits until nobody is inside a receiver.
  void tell(const Change& change) const noexcept;

 private:
  class Receiver;

  mutable SharedMutex mutex_;
  std::map<int, std::function<void(const Change&)>> by_number_ GUARDED_BY(mutex_);
  int next_ GUARDED_BY(mutex_) = 0;
};

}  // namespace rankloop::queue
