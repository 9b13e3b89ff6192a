// What became of the newest requests that were shown: by model, over time, by position and by item. Imported
// history is left out, it was never shown here. Blocks. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/serve/item_names.h"
#include "domain/clock.h"
#include "ml/examination.h"
#include "storage/learning_reads.h"
#include "sync/mutex.h"

namespace rankloop::app {

// Requests by their outcome. A request's value is the sum of its picks' values, each item once.
struct Outcomes {
  storage::ModelCounts counts;
  double squared_value = 0;  // sum over the requests, for the band
};

// The mean value of a request, with a 95 % interval by the normal approximation; empty for fewer than two
// requests.
struct MeanValue {
  double mean = 0;
  double low = 0;
  double high = 0;
};
std::optional<MeanValue> mean_value(const Outcomes& outcomes);

struct Period {
  WallTime from;
  std::vector<Outcomes> models;  // by id; only those that were shown in it
};

struct Shown {
  std::int64_t shown = 0;
  std::int64_t picked = 0;
};

struct ItemShown {
  ItemId item;
  Shown counts;
};

struct PerformanceReport {
  std::int64_t requests = 0;  // shown ones that were looked at
  WallTime from;              // when the first of them was asked, and the last
  WallTime until;
  std::chrono::milliseconds length{0};  // of a period
  std::vector<Outcomes> models;         // by id; 0: a random order before the first model
  std::vector<Period> periods;          // in order, of equal length; empty ones are left out
  std::vector<Shown> positions;         // [0] is the first position; at most 20
  std::vector<ItemShown> items;         // the most shown first, ties by id
  std::int64_t randomised = 0;          // requests whose lists were in random order, told or not what became
  std::int64_t randomised_picks = 0;    // of them, with a pick
  std::vector<ml::ExaminedPosition> examination;  // by position; empty: nothing can be known
};

class Performance {
 public:
  Performance(storage::LearningReads& store, const Clock& clock) : store_(store), clock_(clock) {}

  // Of the newest 20,000 requests; at most ten seconds old.
  Result<PerformanceReport> report();

 private:
  Result<PerformanceReport> measure();

  storage::LearningReads& store_;
  const Clock& clock_;
  Mutex mutex_;
  std::optional<PerformanceReport> last_ GUARDED_BY(mutex_);
  Monotonic measured_ GUARDED_BY(mutex_){};
};

std::string to_json(const PerformanceReport& report);  // without the items
// The first `limit` items.
std::string items_to_json(const PerformanceReport& report, ItemNames& names, std::int64_t limit);

}  // namespace rankloop::app
