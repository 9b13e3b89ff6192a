// What a new store gets: the places of the built-in default domain and a baseline model trained on its own
// labelled data. Guests of that data never enter users, inferences or events.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>

#include "app/serve/serving.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "error/result.h"
#include "storage/store.h"

namespace rankloop::server {

// Hears what is being prepared and the share done, 0..1.
using PrepareProgress = std::function<void(std::string_view what, double share, std::string_view note)>;

// Does what is missing and no more: places when the catalog has never had an item, the baseline when no model
// was ever registered and `baseline` says so. Blocks for seconds.
Status prepare_default_domain(const Domain& domain, int domain_version, bool baseline, storage::Store& store,
                              const Clock& clock, const PrepareProgress& progress,
                              const std::stop_token& stop);

// Whether nothing was ever kept in it that a domain gives a meaning: no item, no request, no model.
Result<bool> is_unused(storage::Store& store);

enum class DomainAdoption {
  kNext,     // what follows the stored one: of a store in use only what adds to it
  kPutBack,  // the one before the stored one, by which nothing was kept yet
};

// Takes the domain over: an unused store adopts any, one in use takes an additive change and refuses any
// other (kFailedPrecondition). Answers the domain version.
Result<int> adopt_domain(const Domain& domain, storage::Store& store, const Clock& clock,
                         DomainAdoption how = DomainAdoption::kNext);

}  // namespace rankloop::server
