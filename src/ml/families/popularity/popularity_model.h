// The popularity family: an item's score is the share of its showings that were picks, for every request the
// same. Immutable and thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "domain/domain.h"
#include "domain/ids.h"
#include "ml/artefact.h"
#include "ml/model.h"
#include "ml/train.h"

namespace rankloop::ml {

// What is known of each item, and what holds for all others. Shares lie in (0, 1).
struct Popularity {
  std::vector<ItemId> items;  // ascending
  std::vector<float> shares;  // [items]
  float prior = 0.5F;         // of an item that is not listed
  float share_of(ItemId item) const;
};

std::shared_ptr<const Model> make_popularity_model(Popularity popularity);
Result<std::shared_ptr<const Model>> load_popularity_model(const Artefact& artefact, const Domain& domain);

// Share = (picks + 20 x prior) / (shown + 20), prior being the share over all rows: the mean of a
// beta posterior whose prior is worth 20 showings. At the usual two to ten picks in a hundred
// showings an item then needs about as many showings as bring one or two picks before its own record counts
// as much as the others'. Weights and soft labels count in full. The
// validation rows are left to the calibration. Errors as train_model(); kFailedPrecondition: "rows without
// items".
Result<std::shared_ptr<const Model>> train_popularity_family(const TrainingInput& input);

}  // namespace rankloop::ml
