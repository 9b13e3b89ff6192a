// Gives running experiments more of the traffic step by step, and stops those of which a guardrail is broken
// (ml/ramp.h). Every step and stop stands in the experiment's history, signed "ramp". Called about once a
// second by the maintainer, looks once a minute; blocks for its reports. Not thread-safe.
#pragma once

#include <cstdint>

#include "app/learn/experiments.h"
#include "app/watch/experiment_report.h"
#include "domain/clock.h"
#include "ml/ramp.h"
#include "telemetry/log.h"

namespace rankloop::app {

// What the ramp goes by, of a report on a running experiment.
ml::RampState ramp_state(const ExperimentReport& report, WallTime now);

class ExperimentRamp {
 public:
  ExperimentRamp(ExperimentChanges& changes, ExperimentReports& reports, telemetry::Logger& log,
                 const Clock& clock)
      : changes_(changes), reports_(reports), log_(log), clock_(clock) {}

  void tick();

 private:
  void look_at(const storage::ExperimentRecord& experiment);
  storage::Done<storage::ExperimentRecord> told(ExperimentId id, ml::RampDecision decision);

  ExperimentChanges& changes_;
  ExperimentReports& reports_;
  telemetry::Logger& log_;
  const Clock& clock_;
  Monotonic looked_{};
  std::int64_t version_ = 0;  // of the registry, when it was looked; a new store has 0 and nothing that runs
  bool any_runs_ = false;
};

}  // namespace rankloop::app
