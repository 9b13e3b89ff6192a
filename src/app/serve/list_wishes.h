// The wishes of a request: what its body names, checked, and those that hold when it is ranked.
#pragma once

#include <memory>
#include <string>

#include "domain/body_reader.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "domain/wish.h"
#include "error/result.h"
#include "ml/catalog.h"
#include "ml/history/history_plan.h"
#include "storage/records.h"

namespace rankloop::app {

// Reads the member "wishes" of a body as it is kept with the request; empty: there is none. Its faults stay
// with the reader. A wish reads nothing but what `catalog` holds and `plan` counts, which are what the domain
// reads and counts itself.
std::string read_wishes(BodyReader& body, const Domain& domain, const ml::Catalog& catalog,
                        const ml::HistoryPlan& plan);

// Those in force at the request's moment, of the domain and its own; null: there are none. kDataLoss: its own
// cannot be read.
using HeldWishes = std::shared_ptr<const WishesInForce>;
Result<HeldWishes> wishes_of(const storage::NewInference& request, const Domain& domain);

// Of them the blocks, which are all that holds for what another program ranks.
Result<HeldWishes> blocks_of(const storage::NewInference& request, const Domain& domain);

// Those that a ranking was made with (Policy::wishes), from what its policy keeps, whatever the domain wishes
// today; null: none. kFailedPrecondition: the domain has lost what one of them reads.
Result<HeldWishes> wishes_then(const Policy& policy, const Domain& domain, const ml::Catalog& catalog);

}  // namespace rankloop::app
