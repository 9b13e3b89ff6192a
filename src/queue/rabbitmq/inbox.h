// What the other threads ask of the one thread that owns the connection. Thread-safe; nothing here blocks.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "queue/queue.h"
#include "sync/mutex.h"

namespace rankloop::queue::rabbitmq {

struct Hint {
  TaskKind kind = TaskKind::kInference;
  TaskId id;
};

// A delivery: its number means something on its connection only.
struct Ticket {
  std::uint64_t connection = 0;
  std::uint64_t tag = 0;
};

struct Settled {
  TaskKind kind = TaskKind::kInference;
  Ticket ticket;
  bool taken = true;  // or to be given back
};

struct Work {
  std::vector<Hint> hints;
  std::vector<Change> changes;
  std::vector<Settled> settled;
  std::vector<ForeignResult> results;
};

class Inbox {
 public:
  static constexpr std::size_t kMostHints = 65'536;
  static constexpr std::size_t kMostChanges = 65'536;
  static constexpr std::size_t kMostResults = 4'096;

  Inbox();
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // False when it is full.
  bool add_hint(const Hint& hint);
  bool add_change(const Change& change);
  bool add_result(const ForeignResult& result);
  // As many as there are deliveries, which the prefetch bounds.
  void add_settled(const std::vector<Settled>& settled);
  void wake();

  // Everything but hints beyond `most_hints`; those wait for the next call.
  Work take(std::size_t most_hints);
  void drop_changes();
  // Readable when there is work since the last take().
  int signal() const { return signal_; }

 private:
  void wake_locked() REQUIRES(mutex_);

  const int signal_;  // an eventfd
  mutable Mutex mutex_;
  bool signalled_ GUARDED_BY(mutex_) = false;
  std::deque<Hint> hints_ GUARDED_BY(mutex_);
  Work work_ GUARDED_BY(mutex_);  // all but its hints
};

}  // namespace rankloop::queue::rabbitmq
