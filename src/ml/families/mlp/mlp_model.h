// The mlp family: the reference's feed-forward network, scored block by block (see block_kernel.h). The first
// layer is split: its item half is computed once per model and catalog chunk, its request half once per
// request. Immutable and thread-safe.
#pragma once

#include <memory>

#include "domain/domain.h"
#include "ml/artefact.h"
#include "ml/families/mlp/network.h"
#include "ml/model.h"

namespace rankloop::ml {

Result<std::shared_ptr<const Model>> load_mlp_model(const Artefact& artefact, const Domain& domain);

// Binds a network; see Model::bind.
std::shared_ptr<const CatalogScorer> bind_network(std::shared_ptr<const Network> network,
                                                  std::shared_ptr<const Catalog> catalog,
                                                  const CatalogScorer* previous, std::size_t memory);

// How many chunks' item halves two scorers of this family hold together: those that the later one did not
// have to compute.
std::size_t shared_halves(const CatalogScorer& earlier, const CatalogScorer& later);

}  // namespace rankloop::ml
