// Finds the nearest older snapshot and goes on from it.
#include "app/serve/past_catalogs.h"

#include <algorithm>
#include <string>

#include "app/serve/catalog_loading.h"

namespace rankloop::app {

Result<std::shared_ptr<const ml::Catalog>> PastCatalogs::at(std::int64_t version,
                                                            const std::shared_ptr<const ml::Catalog>& present,
                                                            const std::stop_token& stop) {
  if (version == storage::CatalogStore::kCurrentVersion || version == present->version()) return present;
  if (version > present->version()) {
    return Error(ErrorCode::kInvalidArgument, "catalog_version is " + std::to_string(version) +
                                                  "; allowed is 0 to " + std::to_string(present->version()));
  }
  auto nearest = known_.end();
  for (auto known = known_.begin(); known != known_.end(); ++known) {
    if ((*known)->version() > version) continue;
    if (nearest == known_.end() || (*known)->version() > (*nearest)->version()) nearest = known;
  }
  if (nearest != known_.end() && (*nearest)->version() == version) {
    std::rotate(nearest, nearest + 1, known_.end());
    return known_.back();
  }
  auto catalog = nearest == known_.end() ? ml::Catalog::empty(present->shared_domain()) : *nearest;
  if (const Status status = bring_to(catalog, version, store_, stop); !status) return status.error();
  if (known_.size() == kept_) known_.erase(known_.begin());
  known_.push_back(catalog);
  return catalog;
}

}  // namespace rankloop::app
