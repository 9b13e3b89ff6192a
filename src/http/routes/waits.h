// Who waits for a task to change, and would else answer with what there is now: a server that leaves lets all
// of them answer at once.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <utility>

#include "domain/task.h"
#include "http/await.h"

namespace rankloop::http {

// Of a task that is waited for: the first change that is enough.
struct EnoughChanged : Arrival {
  using Arrival::Arrival;
  std::atomic_flag once;
  TaskState state{};
};

// I/O thread only. Outlives its entries.
class Waits {
 public:
  // Stands among them until it is destroyed.
  class Entry {
   public:
    Entry(Waits& owner, std::shared_ptr<EnoughChanged> wait)
        : owner_(owner), place_(owner.all_.insert(owner.all_.end(), std::move(wait))) {
      if (owner_.released_) owner_.wake(**place_);
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() { owner_.all_.erase(place_); }

   private:
    Waits& owner_;
    std::list<std::shared_ptr<EnoughChanged>>::iterator place_;
  };

  // Wakes all of them, and from now on whoever begins to wait.
  void release() {
    released_ = true;
    for (const auto& wait : all_) wake(*wait);
  }

 private:
  void wake(EnoughChanged& wait) {
    if (!wait.once.test_and_set()) wait.arrive();
  }

  std::list<std::shared_ptr<EnoughChanged>> all_;
  bool released_ = false;
};

}  // namespace rankloop::http
