// Reads items and puts them into a catalog, portion by portion.
#include "app/serve/catalog_loading.h"

#include <utility>
#include <vector>

namespace rankloop::app {

Status bring_to(std::shared_ptr<const ml::Catalog>& catalog, std::int64_t version,
                storage::CatalogStore& store, const std::stop_token& stop) {
  constexpr std::size_t kItemsPerStep = 16'384;  // changes gathered before a new snapshot is made
  std::vector<ml::ItemChange> changes;
  Status fault;
  const auto apply = [&](std::int64_t reached) {
    catalog = catalog->with(reached, changes);
    changes.clear();
  };
  const auto visit = [&](const storage::ItemRecord& item) {
    if (fault && stop.stop_requested())
      fault = Error{ErrorCode::kUnavailable, "the catalog is not loaded to its end"};
    if (!fault) return;
    ml::ItemChange change{item.id, item.version, {}};
    if (!item.deleted) {
      const Result<Record> record = catalog->domain().candidates.read(item.payload);
      if (!record) {
        fault = record.error();
        return;
      }
      change.values = catalog->pick(record->values, item.since);
    }
    changes.push_back(std::move(change));
    if (changes.size() == kItemsPerStep) apply(catalog->version());
  };
  const bool whole = catalog->rows() == 0 && version == storage::CatalogStore::kCurrentVersion;
  const Result<std::int64_t> reached =
      whole ? store.each_item(visit) : store.each_change(catalog->version(), version, visit);
  if (!reached) return reached.error();
  if (!fault) return fault;
  apply(*reached);
  return {};
}

}  // namespace rankloop::app
