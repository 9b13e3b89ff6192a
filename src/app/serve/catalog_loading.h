// Bringing a catalog in memory to a version of the store's.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>

#include "error/result.h"
#include "ml/catalog.h"
#include "storage/catalog_store.h"

namespace rankloop::app {

// Applies what changed since `catalog` up to a version, kCurrentVersion for all there is. An error leaves a
// catalog between two versions, which a later call goes on from. Blocks. The store's errors; kDataLoss: an
// item cannot be read; kUnavailable: a stop was requested.
Status bring_to(std::shared_ptr<const ml::Catalog>& catalog, std::int64_t version,
                storage::CatalogStore& store, const std::stop_token& stop = {});

}  // namespace rankloop::app
