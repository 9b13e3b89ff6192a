// The catalog's use cases: read, add, change, delete, import. Every change makes one new catalog version;
// nothing that was ranked on is overwritten.
//
// All calls block (they read the disk and wait for commits): run them on a bounded pool. Thread-safe; changes
// are made one after another.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "app/serve/item_import.h"
#include "app/serve/serving.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "storage/catalog_store.h"
#include "sync/mutex.h"

namespace rankloop::app {

struct Item {
  ItemId id;
  std::string payload;  // canonical JSON object, without the id
  std::string key{};    // the id, where the domain's ids are texts
};

// Makes what an added item's answer keeps under an Idempotency-Key; called once the item has been checked.
using KeepItem = std::function<std::optional<storage::RecordedAnswer<std::int64_t>>(const Item&)>;

class Catalog {
 public:
  Catalog(std::shared_ptr<const Domain> domain, storage::CatalogStore& store, Serving& serving,
          const Clock& clock);

  Result<Item> get(ItemId id);  // kNotFound also for a deleted one
  Result<std::vector<Item>> list(std::int64_t offset, std::int64_t limit);
  std::int64_t size() const;  // from memory

  // With the id of the body, or the next free one where ids are whole numbers. kAlreadyExists.
  Result<Item> add(const boost::json::value& body, const KeepItem& keep);
  Result<Item> change(ItemId id, const boost::json::value& changes);
  Status remove(ItemId id);
  // The same of the item that a caller's words name; kNotFound also where they name none.
  Result<Item> get(const ItemName& name);
  Result<Item> change(const ItemName& name, const boost::json::value& changes);
  Status remove(const ItemName& name);

  // All rows or none, or with `skip_bad` all that are good: rows are checked and handed to the store in one
  // pass, and nobody sees them before the last one is there (faults name the line, a hundred at most). A row
  // with a known id replaces that item, of rows with the same id the last one counts; one without an id is
  // refused, or (number_rows) gets the next that neither the catalog nor another row has. Answered when the
  // items serve, unless the watch has no use for that. kUnavailable: stopped, or stored but not served yet.
  // Memory: a window of the text, a few portions of items, and eight bytes for each row.
  Result<ImportReport> import(const tables::Bytes& bytes, const ImportOptions& options,
                              const ImportWatch& watch = {});

 private:
  Result<std::int64_t> write(storage::CatalogWrite part,
                             std::optional<storage::RecordedAnswer<std::int64_t>> keep = std::nullopt);
  Status write_one(storage::ItemWrite item, const ml::Catalog& catalog,
                   std::optional<storage::RecordedAnswer<std::int64_t>> keep = std::nullopt);
  // kUnavailable: it takes longer to load.
  Result<std::shared_ptr<const ml::Catalog>> newest();
  Status wait_until_served(std::int64_t version, const std::stop_token& stop);
  // The first of `count` ids in a row that never were and that no row brings.
  Result<ItemId> free_ids(const ml::Catalog& catalog, const std::vector<std::int64_t>& brought,
                          std::int64_t count) REQUIRES(changing_);
  Result<std::int64_t> highest_id(const ml::Catalog& catalog) REQUIRES(changing_);
  // The first id for rows that bring none. Looks through the rows first where that has to be known.
  Result<ItemId> first_free_id(ItemRows& rows, const ImportOptions& options, const std::stop_token& stop,
                               const ml::Catalog& catalog) REQUIRES(changing_);
  Result<ItemName> name_in(const boost::json::value& body, std::span<const std::string_view> loc) const;
  // Fills in the id that the name has, or gets, or the next free one.
  Status number(const ItemName& name, const ml::Catalog& catalog, storage::ItemWrite& item)
      REQUIRES(changing_);
  Result<Record> check_new(const boost::json::value& body, std::span<const std::string_view> loc) const;

  const std::shared_ptr<const Domain> domain_;
  storage::CatalogStore& store_;
  Serving& serving_;
  const Clock& clock_;
  Mutex changing_;  // one change after another
  std::optional<std::int64_t> highest_stored_
      GUARDED_BY(changing_);  // the store's highest id when first needed
};

}  // namespace rankloop::app
