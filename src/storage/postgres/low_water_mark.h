// An id below which no task is open, as far as was seen. While somebody holds an old snapshot (a dump, a
// forgotten transaction), PostgreSQL keeps an index entry for every task that has ended meanwhile; a search
// for open tasks that began at the first id would walk over all of them, several times a second.
//
// A task that comes to be open below the mark (a retry, an id that another program gave, a server whose clock
// is behind) is found by its hint, or once the mark has moved: latency only.
//
// Thread-safe.
#pragma once

#include <chrono>
#include <mutex>

#include "domain/clock.h"
#include "domain/ids.h"
#include "storage/postgres/connection.h"

namespace rankloop::storage::postgres {

class LowWaterMark {
 public:
  explicit LowWaterMark(const Clock& clock) : clock_(clock) {}

  // Looks anew over `connection` now and then, the more seldom the longer it takes; sends what is queued
  // there. Throws DatabaseError.
  TaskId get(Connection& connection);

 private:
  using Time = std::chrono::steady_clock;

  const Clock& clock_;
  std::mutex mutex_;  // guards what follows
  Time::time_point look_again_{};
  TaskId mark_;
};

}  // namespace rankloop::storage::postgres
