// Is a trained model better than the champion? Both score the same test requests, which neither was trained
// on, and the gate decides.
#pragma once

#include <cstddef>

#include "app/dataset.h"
#include "app/serving.h"
#include "domain/clock.h"
#include "error/result.h"
#include "ml/gate.h"
#include "ml/model.h"
#include "storage/store.h"

namespace rankloop::app {

// What a judge goes by beside the test requests; everything is borrowed.
struct Evidence {
  const ml::GateRules& rules;
  std::size_t item_halves_memory;  // bytes, of a model that is tried on the whole catalog
  storage::Store& store;           // what else was judged since the last promotion
  const ServingState& serving;     // the champion and the catalog
  const Clock& clock;
};

// Blocks. The store's errors, and kInvalidArgument where the gate's metric cannot be computed.
Result<ml::GateOutcome> judge(const ml::Model& challenger, const Dataset& dataset, const Evidence& evidence);

}  // namespace rankloop::app
