// The catalog as it was at any version: read from the states that items ever had, by the code that loads the
// one that serves.
//
// Some that were used last are kept, and a later version is reached from an earlier one by what changed
// between them: whoever goes through the ledger in its order reads the catalog once. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include "error/result.h"
#include "ml/catalog.h"
#include "storage/catalog_store.h"

namespace rankloop::app {

class PastCatalogs {
 public:
  PastCatalogs(storage::CatalogStore& store, std::size_t kept) : store_(store), kept_(kept) {}

  // `present`, the one that serves, for its own version and kCurrentVersion. Blocks. kInvalidArgument: there
  // is no such version yet; as bring_to(). Must not be called while a visit of the store is under way.
  Result<std::shared_ptr<const ml::Catalog>> at(std::int64_t version,
                                                const std::shared_ptr<const ml::Catalog>& present,
                                                const std::stop_token& stop = {});

 private:
  storage::CatalogStore& store_;
  const std::size_t kept_;                                 // at least 1
  std::vector<std::shared_ptr<const ml::Catalog>> known_;  // the one that was used last at the end
};

}  // namespace rankloop::app
