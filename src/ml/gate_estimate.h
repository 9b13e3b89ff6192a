// What the gate computes of its input before it judges: means, intervals, and what they can find.
#pragma once

#include "ml/gate.h"

namespace rankloop::ml {

inline bool ordered_by_models(Basis basis) {
  return basis == Basis::kCorrected || basis == Basis::kUncorrected;
}

// Fills counts, means, intervals and power of `outcome`, whose confidence and basis are set. The rules and
// the input are those that judge_challenger() found good.
void estimate(const GateRules& rules, const GateInput& input, GateOutcome& outcome);

}  // namespace rankloop::ml
