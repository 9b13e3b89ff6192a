// The candidates of one request: what they are ranked from, and which of them are not ranked. Thread-safe;
// blocks where the store has to be asked.
#pragma once

#include <memory>
#include <vector>

#include "app/serve/serving.h"
#include "domain/ranking.h"
#include "ml/catalog.h"
#include "ml/rank.h"
#include "storage/catalog_store.h"
#include "storage/records.h"

namespace rankloop::app {

// The catalog that a request is ranked from: `serving` or, where the request says something of its
// candidates, one of these alone in which that holds. It is ranked by the same code as the other.
// kDataLoss: what it says cannot be read; kUnavailable: the store.
Result<std::shared_ptr<const ml::Catalog>> catalog_for(const storage::NewInference& request,
                                                       const std::shared_ptr<const ml::Catalog>& serving,
                                                       storage::CatalogStore& store);

// What a model that serves makes of it. `from`: see above.
Ranking rank_from(const std::shared_ptr<const ml::Catalog>& from, const ServedModel& served,
                  const ml::RankRequest& asked);

// The candidates that cannot be ranked, with the reasons. `from`: see above; `ranked`: those that are.
// kUnavailable: the store.
Result<std::vector<LeftOut>> left_out(const ml::RankRequest& asked, const ml::Catalog& serving,
                                      const ml::Catalog& from, std::span<const RankedItem> ranked,
                                      storage::CatalogStore& store);

}  // namespace rankloop::app
