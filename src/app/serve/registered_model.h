// A model of the registry in memory, whether it serves or not.
#pragma once

#include <memory>

#include "domain/domain.h"
#include "domain/ids.h"
#include "error/result.h"
#include "ml/model.h"
#include "storage/registry.h"

namespace rankloop::app {

// 0: the random order. Blocks. kNotFound "Model not found"; kFailedPrecondition: it cannot be loaded with
// this domain; kDataLoss: its artefact is damaged; the store's errors.
Result<std::shared_ptr<const ml::Model>> registered_model(ModelId id, const Domain& domain,
                                                          storage::Registry& store);

}  // namespace rankloop::app
