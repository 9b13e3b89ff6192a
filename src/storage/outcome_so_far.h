// How a feedback changes what is counted of the model that made the ranking.
#pragma once

#include "domain/ids.h"
#include "storage/records.h"

namespace rankloop::storage {

// What is known of a request before another feedback; only what counts as evidence.
struct OutcomeSoFar {
  bool shown = false;
  ModelId model;
  bool picked = false;
  bool none = false;
  bool picked_this = false;
};

// A request is picked or none, never both: a pick after "none chosen" takes the other count back. Other kinds
// change neither.
ModelCounts counts_of(const NewFeedback& feedback, const OutcomeSoFar& before);

}  // namespace rankloop::storage
