// Is a trained model better than the champion? Both score the same test requests, which neither was trained
// on, and the gate decides.
//
// Where enough of them were answered in random order, those alone are judged: nothing that stood in those
// lists was chosen by a model. Otherwise lists that models ordered are judged as well, by what both models
// would show of them: a list holds what its maker thinks good, and on that its maker's own mistakes are all
// that is left to tell apart, so a challenger would look better than it is. A pick there weighs by the
// inverse of what its position draws. Imported lists are compared as they are.
//
// By value (MetricName::kValue) the question is another one: not who orders better what was shown, but what
// each model's own lists would have earned (list_values.h), by lists that were drawn with known chances.
#pragma once

#include <cstddef>
#include <optional>

#include "app/learn/dataset.h"
#include "app/serve/serving.h"
#include "domain/clock.h"
#include "error/result.h"
#include "ml/examination.h"
#include "ml/gate.h"
#include "ml/model.h"
#include "storage/store.h"

namespace rankloop::app {

// What a judge goes by beside the test requests; everything is borrowed.
struct Evidence {
  const ml::GateRules& rules;
  std::size_t item_halves_memory;  // bytes, of a model that is tried on the whole catalog
  storage::Store& store;           // what else was judged since the last promotion, and lists that are valued
  const ServedModels& serving;     // the champion and the catalog
  const Clock& clock;
  // What positions draw, from lists in random order or swaps between models; empty where that is not known.
  // Borrowed; null: positions are taken for equal.
  const std::optional<ml::Attraction>* attraction = nullptr;
};

// Blocks. The store's errors, and kInvalidArgument where the gate's metric cannot be computed.
Result<ml::GateOutcome> judge(const ml::Model& challenger, const Dataset& dataset, const Evidence& evidence);

}  // namespace rankloop::app
