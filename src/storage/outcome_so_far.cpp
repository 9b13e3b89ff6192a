// What a feedback changes in a model's counts.
#include "storage/outcome_so_far.h"

namespace rankloop::storage {

ModelCounts counts_of(const NewFeedback& feedback, const OutcomeSoFar& before) {
  ModelCounts change{.model = before.model};
  if (feedback.kind == kPickKind) {
    change.picked = before.picked ? 0 : 1;
    change.none = !before.picked && before.none ? -1 : 0;
    change.value = before.picked_this ? 0 : feedback.value;
  } else if (feedback.kind == kNoneKind) {
    change.none = before.picked || before.none ? 0 : 1;
  }
  return change;
}

}  // namespace rankloop::storage
