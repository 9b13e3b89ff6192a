// An id below which no task is open, as far as was seen. While somebody holds an old snapshot (a dump, a
// forgotten transaction), PostgreSQL keeps an index entry for every task that has ended meanwhile; a search
// for open tasks that began at the first id would walk over all of them, several times a second.
//
// A task that comes to be open below the mark (a retry, an id that another program gave, a server whose clock
// is behind) is found by its hint, or once all ids were looked at again: latency only.
//
// Thread-safe.
#pragma once

#include <chrono>

#include "domain/clock.h"
#include "domain/ids.h"
#include "storage/postgres/connection.h"
#include "sync/mutex.h"

namespace rankloop::storage::postgres {

class LowWaterMark {
 public:
  explicit LowWaterMark(const Clock& clock) : clock_(clock) {}

  // Looks anew over `connection` now and then, from the last mark on or, the more seldom the longer it takes,
  // from the first id on; sends what is queued there. Throws DatabaseError.
  TaskId get(Connection& connection);

 private:
  using Time = std::chrono::steady_clock;

  TaskId mark() const;

  const Clock& clock_;
  Mutex looking_;
  Time::time_point look_again_ GUARDED_BY(looking_){};
  Time::time_point look_at_all_ GUARDED_BY(looking_){};
  mutable Mutex mutex_;
  TaskId mark_ GUARDED_BY(mutex_);
};

}  // namespace rankloop::storage::postgres
