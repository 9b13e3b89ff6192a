// Steps of the ramp.
#include "ml/ramp.h"

#include <algorithm>

namespace rankloop::ml {
namespace {

constexpr double kRounding = 1e-9;

double exposure_at(double step, double largest_arm) {
  return std::min(1.0, step / largest_arm);
}

// The exposure after `now`; 1 at the end.
double next_exposure(const RampPlan& plan, const RampState& state) {
  for (const double step : plan.steps) {
    const double exposure = exposure_at(step, state.largest_arm);
    if (exposure > state.exposure + kRounding) return exposure;
  }
  return 1;
}

}  // namespace

double first_exposure(const RampPlan& plan, double largest_arm) {
  return plan.steps.empty() ? 1 : exposure_at(plan.steps.front(), largest_arm);
}

RampDecision next_step(const RampPlan& plan, const RampState& state) {
  if (!state.broken.empty()) return {RampMove::kStop, 0, "The guardrail " + state.broken + " is broken"};
  if (state.exposure >= 1 - kRounding) return {RampMove::kHold, 0, "The arms have all that was planned"};
  if (state.ratio_alarm) return {RampMove::kHold, 0, "The arms do not have the people that they were to get"};
  if (state.held < plan.hold) return {RampMove::kHold, 0, "The step is not held long enough"};
  if (state.people < plan.people) return {RampMove::kHold, 0, "An arm has answered too few people"};
  return {RampMove::kRaise, next_exposure(plan, state), "The step was held, and no guardrail is broken"};
}

}  // namespace rankloop::ml
