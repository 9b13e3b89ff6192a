// Drift of the features between the champion's training and the newest requests. Blocks. Thread-safe.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/clock.h"
#include "domain/domain.h"
#include "ml/drift.h"
#include "storage/store.h"

namespace rankloop::app {

struct FeatureDrift {
  ml::FeatureSnapshot then;
  std::vector<double> now;  // shares of the same bins
  double index = 0;         // population stability index
};

struct DriftReport {
  ModelId model;              // the champion; 0: none, or one without a snapshot
  std::int64_t requests = 0;  // the newest ones looked at, at most
  std::int64_t rows = 0;      // shown items among them
  std::vector<FeatureDrift> features;
  double greatest() const;
};

class Drift {
 public:
  Drift(const Domain& domain, storage::Store& store, const Clock& clock)
      : domain_(domain), store_(store), clock_(clock) {}

  // At most ten seconds old.
  Result<DriftReport> report();
  // What was measured last, by feature; nothing when that is long ago, because another process measures now.
  // Does not wait for a measurement.
  std::vector<std::pair<std::string, double>> indices() const;

 private:
  Result<DriftReport> measure();

  const Domain& domain_;
  storage::Store& store_;
  const Clock& clock_;
  std::mutex one_measures_;
  mutable std::mutex mutex_;  // guards what follows
  std::optional<DriftReport> last_;
  Monotonic measured_{};
};

std::string to_json(
    const std::vector<ml::FeatureSnapshot>& snapshots);  // an array, kept with the model's lineage
std::string to_json(const DriftReport& report);

}  // namespace rankloop::app
