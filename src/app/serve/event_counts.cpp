// The counters of the minute and how they reach the store.
#include "app/serve/event_counts.h"

#include <vector>

namespace rankloop::app {

void EventCounts::flush() {
  const std::int64_t minute =
      std::chrono::duration_cast<std::chrono::minutes>(clock_.wall().time_since_epoch()).count();
  const std::int64_t status = status_.exchange(0, std::memory_order_relaxed);
  const std::int64_t results = results_.exchange(0, std::memory_order_relaxed);
  std::vector<storage::EventCount> counts;
  if (status > 0) counts.push_back({"status", minute, status});
  if (results > 0) counts.push_back({"results", minute, results});
  if (counts.empty()) return;
  store_.count_events(std::move(counts), [this, status, results](const Status& outcome) {
    if (outcome) return;
    status_.fetch_add(status, std::memory_order_relaxed);  // counted with the next flush
    results_.fetch_add(results, std::memory_order_relaxed);
  });
}

}  // namespace rankloop::app
