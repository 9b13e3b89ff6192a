// Retraining by itself: after so many new outcomes, so often, or when a feature drifts. Off unless a setting
// says so; drift is measured now and then all the same, for the metrics. Called about once a second by the
// maintainer; blocks for short reads only, drift is measured beside it. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "app/learn/training.h"
#include "app/watch/drift.h"
#include "domain/clock.h"
#include "storage/store.h"
#include "telemetry/log.h"

namespace rankloop::app {

struct RetrainingOptions {
  std::int64_t every = 0;                 // new requests with an outcome since the last training; 0: never
  std::chrono::milliseconds interval{0};  // since the last training, if anything came since; 0: never
  double drift = 0;                       // population stability index of any feature; 0: never
  std::int64_t minimum = 250;             // new requests with an outcome before drift counts again
};

class Retraining {
 public:
  Retraining(const RetrainingOptions& options, Training& training, Drift& drift, storage::Store& store,
             telemetry::Logger& log, const Clock& clock);

  void tick();

 private:
  void watch_drift();
  std::string due();  // why a training is due; empty: none is
  void find_last_training();

  const RetrainingOptions options_;
  Training& training_;
  Drift& drift_;
  storage::Store& store_;
  telemetry::Logger& log_;
  const Clock& clock_;

  bool found_ = false;  // the last training of an earlier process
  Monotonic looked_{};
  Monotonic watched_{};        // drift
  Monotonic trained_{};        // when the last training began, or this object was made
  InferenceId trained_until_;  // the last request that the newest training saw
};

}  // namespace rankloop::app
