// The factorization family: weights as logistic's, and vectors whose products tell who likes what. Bound to a
// catalog, the part that depends on the item alone is a vector and a number per row, kept per chunk; a
// request has a vector of its own, and an item costs one product of the two, and its crosses. Immutable and
// thread-safe.
#pragma once

#include <cstddef>
#include <memory>

#include "ml/artefact.h"
#include "ml/families/factorization/factors.h"

namespace rankloop::ml {

Result<std::shared_ptr<const Model>> load_factorization_model(const Artefact& artefact, const Domain& domain);

// Binds a function; see Model::bind.
std::shared_ptr<const CatalogScorer> bind_factorisation(std::shared_ptr<const Factorisation> of,
                                                        std::shared_ptr<const Catalog> catalog,
                                                        const CatalogScorer* previous, std::size_t memory);

// How many chunks' item halves two scorers of this family hold together.
std::size_t shared_factor_halves(const CatalogScorer& earlier, const CatalogScorer& later);

}  // namespace rankloop::ml
