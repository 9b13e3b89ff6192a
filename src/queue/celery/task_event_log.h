// What a worker knows of the tasks that came to it through the broker: for its events and for those who
// inspect it. Not thread-safe. Pure: the moment is a parameter.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domain/task.h"
#include "queue/celery/control.h"
#include "queue/celery/events.h"

namespace rankloop::queue::celery {

class TaskEventLog {
 public:
  static constexpr std::size_t kMostTasks = 10'000;        // more are run all the same, but not shown
  static constexpr std::chrono::seconds kForgetAfter{60};  // what came in and was begun by another worker

  // `identity` has all that does not change: names, broker, queues.
  TaskEventLog(WorkerView identity, Moment now) : identity_(std::move(identity)), since_(now) {}

  // A task that this worker is to begin.
  void received(const TaskFacts& task, std::string_view queue, Moment now);
  // A task that is only taken in here, and which the ledger has by left(): any worker may begin it. Those who
  // watch hear of it from that one, or from here when it is refused.
  void arrived(const TaskFacts& task, std::string_view queue, Moment now);
  void left(const std::string& id);
  // States of tasks that did not come in through received() are ignored.
  void changed(const std::string& id, TaskState state, Moment now);
  void forget_stale(Moment now);
  void revoked(const std::vector<std::string>& ids);

  // Task events are collected only while someone wants them, as Celery's workers do.
  void want_task_events(bool wanted) { wants_events_ = wanted; }
  boost::json::array take_task_events() { return std::exchange(events_, {}); }
  std::size_t task_events() const { return events_.size(); }
  boost::json::object worker_event(std::string_view type, std::array<double, 3> load_average, Moment now);

  void saw_clock(std::uint64_t clock) { clock_ = std::max(clock_, clock) + 1; }
  std::uint64_t next_clock() { return ++clock_; }
  WorkerView view(int prefetch, Moment now) const;

 private:
  struct Task {
    TaskView view;
    Moment received;
    bool told = false;  // its receipt
  };
  void tell_receipt(Task& task, Moment now);
  Stamp stamp(Moment now) { return {identity_.node, identity_.pid, ++clock_, now}; }

  const WorkerView identity_;
  const Moment since_;
  std::unordered_map<std::string, Task> tasks_;
  std::map<std::string, std::int64_t> ended_;  // by name
  std::int64_t processed_ = 0;
  std::int64_t active_ = 0;
  std::vector<std::string> revoked_;
  boost::json::array events_;
  bool wants_events_ = false;
  std::uint64_t clock_ = 0;
};

}  // namespace rankloop::queue::celery
