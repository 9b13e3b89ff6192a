// Who waits for which task to end: long polls and streams. Woken by "task changed" hints; one shared poll of
// the store finds what a lost hint would have told.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "domain/task.h"
#include "queue/queue.h"
#include "storage/task_ledger.h"
#include "sync/mutex.h"

namespace rankloop::app {

// Thread-safe.
class TaskWatch {
 public:
  using Wake = std::function<void(TaskState)>;

  // Ends the waiting when destroyed. `wake` may be called once more while the destructor runs elsewhere.
  class Waiter {
   public:
    Waiter(TaskWatch& watch, const TaskId& task, std::uint64_t number)
        : watch_(watch), task_(task), number_(number) {}
    ~Waiter() { watch_.remove(task_, number_); }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

   private:
    TaskWatch& watch_;
    TaskId task_;
    std::uint64_t number_;
  };

  TaskWatch(queue::HintQueue& hints, storage::TaskLedger& store);

  // `wake` is called at every change of the task from now on, on the thread that brings the hint. Register
  // first, then read the state: a change in between is not missed.
  [[nodiscard]] std::unique_ptr<Waiter> wait(const TaskId& task, Wake wake);

  // An inference is about to be started by this process.
  void begins(const TaskId& inference);
  // What was last told of an inference that this process has started lately: one that is ready may have ended
  // if the hint was lost, one that succeeded has.
  std::optional<TaskState> told(const TaskId& task);

  // Reads the state of everything that is waited for; called about once a second by the maintainer.
  void poll();

 private:
  friend class Waiter;
  void changed(const TaskId& task, TaskState state);
  void remove(const TaskId& task, std::uint64_t number);

  storage::TaskLedger& store_;
  Mutex mutex_;
  std::uint64_t next_number_ GUARDED_BY(mutex_) = 1;
  std::unordered_multimap<TaskId, std::pair<std::uint64_t, Wake>> waiting_ GUARDED_BY(mutex_);
  std::unordered_map<TaskId, TaskState> begun_ GUARDED_BY(mutex_);  // the last told of each
  std::deque<TaskId> order_ GUARDED_BY(mutex_);                     // of begun_, oldest first
  std::unique_ptr<queue::Subscription> subscription_;               // last: ends before the rest goes
};

}  // namespace rankloop::app
