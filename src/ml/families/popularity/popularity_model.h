// The popularity family: an item's score is the share of its showings that were picks, for every request the
// same; what was hardly shown yet is tried on the last places of a list. Immutable and thread-safe.
#pragma once

#include <cstdint>
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
  float prior = 0.5F;         // of a row of which nobody knows the item
  // Of an item that is not listed. Those with greater ids than all listed ones are taken for the newest and
  // come first, the others in an order of their own for each `order`; all within a thousandth.
  float untried = 0.5F;
  std::uint32_t order = 0;
  float share_of(ItemId item) const;
};

std::shared_ptr<const Model> make_popularity_model(Popularity popularity);
Result<std::shared_ptr<const Model>> load_popularity_model(const Artefact& artefact, const Domain& domain);

// Share = (picks + 20 x prior) / (shown + 20), prior being the share over all rows: the mean of a
// beta posterior whose prior is worth 20 showings. At the usual two to ten picks in a hundred
// showings an item then needs about as many showings as bring one or two picks before its own record counts
// as much as the others'. Weights and soft labels count in full. (20 is popularity.prior_showings.)
//
// By that alone what is shown stays what is shown: nothing that was never shown is better than the average.
// So items with less than 20 showings are on trial. They count by the upper end of what they may be, the mean
// of their posterior and 1.28 of its deviations, its 90 % quantile if it were normal (optimism as in
// Kaufmann, Cappé and Garivier, "On Bayesian upper confidence bounds for bandit problems", AISTATS 2012), but
// by less than the eighth best share: of ten places two are for trials, the others for what proved good.
// Items that were never shown come before those that were a little.
//
// The validation rows are left to the calibration. Errors as train_model(); kFailedPrecondition: "rows
// without items".
Result<std::shared_ptr<const Model>> train_popularity_family(const TrainingInput& input);

}  // namespace rankloop::ml
