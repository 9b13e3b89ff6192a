// Looks at what runs, decides, and carries it out.
#include "app/watch/experiment_ramp.h"

#include <algorithm>
#include <string>
#include <utility>

namespace rankloop::app {
namespace {

constexpr std::chrono::minutes kEvery{1};
constexpr const char* kActor = "ramp";

}  // namespace

ml::RampState ramp_state(const ExperimentReport& report, WallTime now) {
  ml::RampState state;
  state.exposure = report.experiment.exposure;
  state.largest_arm = std::ranges::max(report.experiment.arms, {}, &storage::ExperimentArm::share).share;
  state.held = std::chrono::duration_cast<std::chrono::seconds>(now - report.experiment.ramped.value_or(now));
  // Interleaved arms answer everybody together.
  state.people = report.preferred ? report.people : std::ranges::min(report.assigned);
  state.broken = broken_guardrail(report);
  state.ratio_alarm = ratio_alarm(report);
  return state;
}

void ExperimentRamp::tick() {
  if (looked_ != Monotonic{} && clock_.monotonic() - looked_ < kEvery) return;
  // Where none runs the store is not read: whoever calls this has leases to look after.
  const std::int64_t version = changes_.version();
  if (!any_runs_ && version == version_) return;
  looked_ = clock_.monotonic();
  const auto experiments = changes_.list();
  if (!experiments) return log_.error("experiments could not be looked at", experiments.error());
  version_ = version;
  any_runs_ = false;
  for (const storage::ExperimentRecord& experiment : *experiments) {
    if (experiment.state != ExperimentState::kRunning) continue;
    any_runs_ = true;
    look_at(experiment);
  }
}

void ExperimentRamp::look_at(const storage::ExperimentRecord& experiment) {
  const auto report = reports_.report(experiment.id);
  if (!report) {
    return log_.error("an experiment could not be looked at", report.error(),
                      {{"experiment_id", std::to_string(experiment.id.value)}});
  }
  ml::RampDecision decision = ml::next_step((*report)->design.ramp, ramp_state(**report, clock_.wall()));
  const Signed by{.actor = kActor, .reason = decision.reason};
  const double exposure = decision.exposure;
  switch (decision.move) {
    case ml::RampMove::kHold:
      break;
    case ml::RampMove::kRaise:
      changes_.ramp(experiment.id, exposure, by, told(experiment.id, std::move(decision)));
      break;
    case ml::RampMove::kStop:
      changes_.stop(experiment.id, by, std::nullopt, told(experiment.id, std::move(decision)));
      break;
  }
}

storage::Done<storage::ExperimentRecord> ExperimentRamp::told(ExperimentId id, ml::RampDecision decision) {
  return [this, id, decision = std::move(decision)](const Result<storage::ExperimentRecord>& outcome) {
    const std::string number = std::to_string(id.value);
    if (!outcome) {
      log_.error("an experiment could not be changed by its ramp", outcome.error(),
                 {{"experiment_id", number}});
    } else {
      log_.info(
          decision.move == ml::RampMove::kStop ? "an experiment was stopped" : "an experiment was ramped",
          {{"experiment_id", number}, {"reason", decision.reason}});
    }
  };
}

}  // namespace rankloop::app
