// The family that needs no training: every item gets a uniform draw from (0, 1), so the order is a uniform
// random permutation. A draw depends on the seed and the item's id alone, so the same task gets the same
// order whatever else is in the catalog. Draws have 23 bits: two items tie with a chance of 2^-23 and then
// stand in the order of their ids.
#pragma once

#include <memory>

#include "domain/domain.h"
#include "ml/artefact.h"
#include "ml/model.h"
#include "ml/train.h"

namespace rankloop::ml {

Result<std::shared_ptr<const Model>> load_random_model(const Artefact& artefact, const Domain& domain);
// There is nothing to learn.
Result<std::shared_ptr<const Model>> train_random_model(const TrainingInput& input);

}  // namespace rankloop::ml
