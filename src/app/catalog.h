// The catalog's use cases: read, add, change, delete, import. Every change makes one new catalog version;
// nothing that was ranked on is overwritten.
//
// All calls block (they read the disk and wait for commits): run them on a bounded pool. Thread-safe; changes
// are made one after another.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/serving.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "storage/store.h"

namespace rankloop::app {

struct Item {
  ItemId id;
  std::string payload;  // canonical JSON object, without the id
};

struct ImportReport {
  std::int64_t rows = 0;
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t catalog_version = 0;
  std::int64_t unknown_fields = 0;  // of all rows together
};

enum class ImportFormat { kCsv, kTsv, kJsonLines };

// Makes what an added item's answer keeps under an Idempotency-Key; called once the item has been checked.
using KeepItem = std::function<std::optional<storage::Keep<std::int64_t>>(const Item&)>;

class Catalog {
 public:
  Catalog(std::shared_ptr<const Domain> domain, storage::Store& store, Serving& serving, const Clock& clock);

  Result<Item> get(ItemId id);  // kNotFound also for a deleted one
  Result<std::vector<Item>> list(std::int64_t offset, std::int64_t limit);
  std::int64_t size() const;  // from memory

  // With the id of the body, or the next free one. kAlreadyExists.
  Result<Item> add(const boost::json::value& body, const KeepItem& keep);
  Result<Item> change(ItemId id, const boost::json::value& changes);
  Status remove(ItemId id);

  // All rows or none: every row is checked before the first is written (faults name the line, a hundred at
  // most). A row with a known id replaces that item, of rows with the same id the last one counts; one
  // without an id gets the next that neither the catalog nor another row has. `progress` hears the share
  // done, 0..1.
  Result<ImportReport> import(std::string_view text, ImportFormat format,
                              const std::function<void(double)>& progress = {});

 private:
  Result<std::int64_t> write(storage::CatalogWrite part,
                             std::optional<storage::Keep<std::int64_t>> keep = std::nullopt);
  std::shared_ptr<const ml::Catalog> newest();
  // The id behind `highest` and every id that ever was. Call it under changing_.
  Result<ItemId> next_id(const ml::Catalog& catalog, std::int64_t highest);
  Result<Record> check_new(const boost::json::value& body, std::span<const std::string_view> loc) const;

  const std::shared_ptr<const Domain> domain_;
  storage::Store& store_;
  Serving& serving_;
  const Clock& clock_;
  std::mutex changing_;  // one change after another
  std::optional<std::int64_t>
      highest_stored_;  // guarded by changing_; the store's highest id when first needed
};

}  // namespace rankloop::app
