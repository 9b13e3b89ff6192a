// Drift over time: the newest requests in windows of equal size, each against the champion's training.
// Blocks. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "domain/clock.h"
#include "domain/domain.h"
#include "ml/drift.h"
#include "storage/store.h"
#include "sync/mutex.h"

namespace rankloop::app {

// Requests that came one after another.
struct DriftWindow {
  WallTime from;  // when the first of them was asked, and the last
  WallTime until;
  std::int64_t requests = 0;
  std::vector<std::vector<double>> shares;  // [feature][bin], as in the snapshots
  std::vector<double> indexes;              // [feature] population stability index
};

struct DriftHistoryReport {
  ModelId model;                               // the champion; 0: none, or one without a snapshot
  std::vector<ml::FeatureSnapshot> snapshots;  // of its training, by feature
  std::vector<Side> sides;                     // of the same features
  std::vector<DriftWindow> windows;            // the oldest first; empty without a champion or requests
};

class DriftHistory {
 public:
  DriftHistory(const Domain& domain, storage::Store& store, const Clock& clock)
      : domain_(domain), store_(store), clock_(clock) {}

  // Of the newest 10,000 requests in up to 20 windows of 200 or more: fewer say little, for chance alone
  // moves the index by about the number of bins over that of requests. At most half a minute old.
  // When `ending` is requested, what is being measured ends soon, with kAborted.
  Result<DriftHistoryReport> report(const std::stop_token& ending = {});

 private:
  Result<DriftHistoryReport> measure(const std::stop_token& ending);

  const Domain& domain_;
  storage::Store& store_;
  const Clock& clock_;
  Mutex mutex_;
  std::optional<DriftHistoryReport> last_ GUARDED_BY(mutex_);
  Monotonic measured_ GUARDED_BY(mutex_){};
};

// The distributions that a model's lineage keeps of its training; none in a lineage without them.
std::vector<ml::FeatureSnapshot> snapshots_in(const std::string& lineage);

std::string to_json(const DriftHistoryReport& report);

}  // namespace rankloop::app
