// Drift of the features between the champion's training and the newest requests. Two things are told apart:
// who asks (the request's features), which happens to us, and what was shown (the items'), which changes by
// itself whenever another model answers. Only the first is an alarm. Thread-safe.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "app/serve/serial_executor.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "ml/drift.h"
#include "storage/store.h"
#include "sync/mutex.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace rankloop::app {

// Fewer requests say little: chance alone moves an index by about the number of bins over that of requests.
inline constexpr std::int64_t kTellingRequests = 200;

// "request" or "item".
std::string_view name_of(Side side);

struct FeatureDrift {
  ml::FeatureSnapshot then;
  Side side = Side::kRequest;
  std::vector<double> now;  // shares of the same bins
  double index = 0;         // population stability index
};

struct DriftReport {
  ModelId model;              // the champion; 0: none, or one without a snapshot
  std::int64_t requests = 0;  // the newest shown ones, 2,000 at most
  std::int64_t rows = 0;      // shown items among them
  std::vector<FeatureDrift> features;
  double greatest() const;  // index of who asks
};

class Drift {
 public:
  Drift(const Domain& domain, storage::Store& store, const Clock& clock)
      : domain_(domain), store_(store), clock_(clock) {}
  ~Drift() { stop(); }

  // At most ten seconds old. Blocks for reads of the newest requests and the items in them, one caller at a
  // time. kAborted once stopped.
  Result<DriftReport> report();
  // The same on a thread of its own; returns at once, and does nothing while that is measuring already.
  void measure_soon(telemetry::Logger& log);
  bool measuring() const;  // on that thread
  // What was measured, if it is at most ten seconds old; does not wait.
  std::optional<DriftReport> fresh() const;
  // Ends what is being measured, soon. Idempotent.
  void stop();
  // What was measured last; nothing when that is long ago, because another process measures now, or of too
  // few requests. Does not wait for a measurement.
  std::vector<telemetry::Readings::Drift> indices() const;

 private:
  Result<DriftReport> measure();

  const Domain& domain_;
  storage::Store& store_;
  const Clock& clock_;
  Mutex one_measures_;
  std::stop_source ending_;
  mutable Mutex mutex_;
  std::optional<DriftReport> last_ GUARDED_BY(mutex_);
  Monotonic measured_ GUARDED_BY(mutex_){};
  bool measuring_ GUARDED_BY(mutex_) = false;  // by the thread
  SerialExecutor thread_{"drift", 1};          // last: ends before the rest
};

// Adds what its bins hold: `edges` of numbers, none of words; and the `words`.
void add_bins(const ml::FeatureSnapshot& snapshot, boost::json::object& object);
std::string to_json(
    const std::vector<ml::FeatureSnapshot>& snapshots);  // an array, kept with the model's lineage
std::string to_json(const DriftReport& report);

}  // namespace rankloop::app
