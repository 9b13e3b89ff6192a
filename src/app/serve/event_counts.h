// The events "status" and "results": counted per minute in memory and added to the store about once a second,
// so that reading costs no write. A crash may lose the last second of them.
#pragma once

#include <atomic>
#include <cstdint>

#include "domain/clock.h"
#include "storage/inference_ledger.h"

namespace rankloop::app {

// Thread-safe.
class EventCounts {
 public:
  EventCounts(storage::InferenceLedger& store, const Clock& clock) : store_(store), clock_(clock) {}
  void status() { status_.fetch_add(1, std::memory_order_relaxed); }
  void results() { results_.fetch_add(1, std::memory_order_relaxed); }
  void flush();

 private:
  storage::InferenceLedger& store_;
  const Clock& clock_;
  std::atomic<std::int64_t> status_{0};
  std::atomic<std::int64_t> results_{0};
};

}  // namespace rankloop::app
