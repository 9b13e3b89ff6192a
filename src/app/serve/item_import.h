// An import of items: its rows on their way into the store, and what is told of it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <stop_token>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "app/bad_rows.h"
#include "app/serve/item_rows.h"
#include "app/serve/key_numbers.h"
#include "app/unknown_names.h"
#include "ml/catalog.h"
#include "storage/catalog_store.h"

namespace rankloop::app {

struct ImportReport {
  std::int64_t rows = 0;  // that are imported
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t catalog_version = 0;
  std::int64_t unknown_fields = 0;   // of all rows together
  std::vector<UnknownName> unknown;  // their names
  std::vector<BadRow> bad;           // passed over
  std::int64_t repeated_headers = 0;
  char separator = '\0';  // of a table
  tables::Encoding encoding = tables::Encoding::kUtf8;
  tables::Compression compression = tables::Compression::kNone;
  double seconds = 0;  // until they were stored
};

double rows_per_second(const ImportReport& report);
boost::json::object to_json(const ImportReport& report);

// Who waits for an import.
struct ImportWatch {
  std::function<void(double share, std::int64_t rows)> progress;  // 0..1, and rows so far; may be empty
  std::stop_token stop;
  bool until_served = true;  // false: nobody ranks here

  void tell(double share, std::int64_t rows) const {
    if (progress) progress(share, rows);
  }
};

// One import; see Catalog::import. The caller keeps others from changing the catalog meanwhile. Borrows
// everything.
class ItemImport {
 public:
  // `size`: of the file, for the progress.
  ItemImport(storage::CatalogStore& store, const ml::Catalog& catalog, const ItemKeys& keys, ItemRows& rows,
             const ImportOptions& options, const ImportWatch& watch, std::uint64_t size);
  // `next`: the first id for rows that bring none.
  Result<ImportReport> run(ItemId next);

 private:
  using Written = std::future<Result<std::int64_t>>;

  bool take(Result<ItemRow> row, const RowPlace& place);
  bool refuse(const Error& error, const RowPlace& place);
  Status put(ItemRow row);
  void count_unknown(const ItemRow& row);
  Status send(bool last);
  Status settle(std::size_t left);
  Status verdict();
  void abandon();
  void count_ids();
  double share(const RowPlace& place) const;

  storage::CatalogStore& store_;
  const ml::Catalog& catalog_;
  ItemRows& rows_;
  const ImportOptions& options_;
  const ImportWatch& watch_;
  const std::uint64_t size_;
  const std::size_t portion_;

  ItemId next_;
  KeyNumbers numbers_;
  ImportReport report_;
  std::int64_t without_id_ = 0;
  std::vector<std::int64_t> ids_;  // that the rows bring
  UnknownNames unknown_;
  BadRows bad_;
  std::vector<FieldFault> faults_;
  Status broken_;  // why the import as a whole ends

  storage::CatalogWrite part_;
  bool begun_ = false;           // a part is on its way or there
  std::deque<Written> written_;  // parts that are on their way
};

}  // namespace rankloop::app
