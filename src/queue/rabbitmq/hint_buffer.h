// Hints of one kind that have come in, between the connection's thread and the workers that wait.
// Thread-safe.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <span>
#include <stop_token>
#include <unordered_map>
#include <vector>

#include "domain/clock.h"
#include "queue/rabbitmq/inbox.h"
#include "sync/mutex.h"

namespace rankloop::queue::rabbitmq {

class HintBuffer {
 public:
  // A worker that has not come back for so long is busy: hints are for others then.
  static constexpr std::chrono::milliseconds kBusyAfter{250};
  // Hints that nobody acknowledged for so long (a claim that failed, a thread that died) go back.
  static constexpr std::chrono::seconds kHoldAtMost{30};
  // More that came without the broker are dropped; a broker's own are bounded by the prefetch.
  static constexpr std::size_t kMostHeard = 10'000;

  HintBuffer(TaskKind kind, Inbox& inbox) : kind_(kind), inbox_(inbox) {}

  // As HintQueue::wait_ready and acknowledge.
  std::vector<TaskId> wait(int limit, std::chrono::milliseconds at_most, const std::stop_token& stop);
  void acknowledge(std::span<const TaskId> ids);

  // Without a ticket it has come another way, on any thread.
  void offer(const TaskId& id, const std::optional<Ticket>& ticket);

  // The rest is for the connection's thread.
  // How many hints the workers that wait would take at once at most; 0 while all of them are busy.
  int wanted(Monotonic now);
  // What is to be given back to the broker: all that is offered when `all`, and what was held for too long.
  std::vector<Ticket> reclaim(Monotonic now, bool all);
  // The connection is lost, and with it every delivery.
  void clear();

 private:
  struct Held {
    Ticket ticket;
    Monotonic since;
  };

  const TaskKind kind_;
  Inbox& inbox_;
  Mutex mutex_;
  StoppableCondition arrived_;
  std::deque<std::pair<TaskId, std::optional<Ticket>>> offered_ GUARDED_BY(mutex_);
  std::unordered_multimap<TaskId, Held> held_ GUARDED_BY(mutex_);  // given to a worker, not acknowledged
  int waiting_ GUARDED_BY(mutex_) = 0;
  int waiting_limit_ GUARDED_BY(mutex_) = 0;  // sum over those who wait
  int most_limit_ GUARDED_BY(mutex_) = 0;     // its highest value so far
  int told_limit_ GUARDED_BY(mutex_) = 0;     // what the connection's thread knows
  Monotonic last_wait_ GUARDED_BY(mutex_);
};

}  // namespace rankloop::queue::rabbitmq
