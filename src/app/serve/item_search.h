// Finding items in a catalog of any size: search, order and pages. What the columns in memory can say costs
// one pass over them; what only the stored texts can say is looked at in the wanted order, for at most a
// second a call, and the next call of the same search goes on where it stopped. Blocks: run it on a thread of
// its own. Thread-safe, one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/serve/catalog.h"
#include "app/serve/item_query.h"
#include "app/serve/serving.h"
#include "app/watch/performance.h"
#include "domain/clock.h"
#include "domain/declared_inputs.h"
#include "storage/catalog_store.h"
#include "sync/mutex.h"

namespace rankloop::app {

struct ItemSearchRequest {
  std::string q;            // see ItemQuery; empty: every item
  std::string sort = "id";  // "id", "shown", "picked" or a number that memory has
  bool descending = false;  // absent numbers come last either way, ties by id
  bool unseen = false;      // only those that none of the newest lists showed
  std::int64_t offset = 0;
  std::int64_t limit = 25;
};

struct FoundItem {
  Item item;
  Shown counts;  // in the newest lists
};

struct ItemSearchPage {
  std::vector<FoundItem> items;
  std::int64_t total = 0;      // found so far
  bool complete = true;        // every item was looked at; otherwise ask again to go on
  std::int64_t looked_at = 0;  // of the catalog
  std::int64_t catalog = 0;    // items there are
  std::int64_t unseen = 0;     // of them that none of the newest lists showed
  std::int64_t lists = 0;      // that `counts` are of
};

class ItemSearch {
 public:
  ItemSearch(storage::CatalogStore& store, Serving& serving, Performance& performance, const Clock& clock)
      : store_(store), serving_(serving), performance_(performance), clock_(clock) {}

  // kInvalidArgument: the search or its order cannot be understood.
  Result<ItemSearchPage> find(const ItemSearchRequest& request);

  // What `sort` may be.
  static std::vector<std::string> orders(const ml::Catalog& catalog);
  // The same as an input; borrows the orders.
  static ChoiceInput sort_input(const std::vector<std::string>& orders);

 private:
  // One search as far as it has come: ids[0, found) are found, ids[next, end) are still to be asked of the
  // store where `ask` says so. In the wanted order.
  struct Search {
    std::string key;
    ItemQuery query;
    std::vector<ItemId> ids;
    std::vector<bool> ask;
    std::size_t found = 0;
    std::size_t next = 0;
    std::int64_t version = 0;
    Monotonic made{};
  };

  Result<Search> begin(const ItemSearchRequest& request, const ml::Catalog& catalog,
                       const PerformanceReport& shown) const;
  Status go_on(Search& search) const;
  Result<Search*> remembered(const ItemSearchRequest& request, const ml::Catalog& catalog,
                             const PerformanceReport& shown) REQUIRES(mutex_);

  storage::CatalogStore& store_;
  Serving& serving_;
  Performance& performance_;
  const Clock& clock_;
  Mutex mutex_;
  std::vector<Search> remembered_ GUARDED_BY(mutex_);  // the newest last, a few
};

}  // namespace rankloop::app
