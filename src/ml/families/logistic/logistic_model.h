// The logistic family: one weight per feature and cross. Bound to a catalog, the part that depends on the
// item alone is one number per row, kept per chunk; the part of the request is one number; crosses are
// computed per row. Immutable and thread-safe.
#pragma once

#include <cstddef>
#include <memory>

#include "domain/domain.h"
#include "ml/artefact.h"
#include "ml/families/logistic/linear.h"
#include "ml/model.h"

namespace rankloop::ml {

Result<std::shared_ptr<const Model>> load_logistic_model(const Artefact& artefact, const Domain& domain);

// Binds a linear function; see Model::bind.
std::shared_ptr<const CatalogScorer> bind_linear(std::shared_ptr<const Linear> linear,
                                                 std::shared_ptr<const Catalog> catalog,
                                                 const CatalogScorer* previous, std::size_t memory);

// How many chunks' item halves two scorers of this family hold together.
std::size_t shared_linear_halves(const CatalogScorer& earlier, const CatalogScorer& later);

}  // namespace rankloop::ml
