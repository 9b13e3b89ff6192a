// What past rankings knew of what had happened before them.
//
// It is found by going through the ledger from its beginning. What one such walk finds of a ranking's best
// items is kept in memory for whoever looks at the next of them. Blocks. Thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "app/lru_cache.h"
#include "domain/domain.h"
#include "domain/keyed_hash.h"
#include "ml/catalog.h"
#include "ml/history/history_fold.h"
#include "storage/store.h"

namespace rankloop::app {

using ItemThen = std::pair<ItemId, ml::ItemValues>;

class PastKnowledge {
 public:
  // `domain` outlives this.
  PastKnowledge(const Domain& domain, storage::Store& store)
      : domain_(domain), plan_(domain), store_(store), kept_(kMemory) {}

  // Some items of a ranking with the values they were ranked with, in the order asked. `layout`: an empty
  // catalog of the domain.
  Result<std::vector<ItemThen>> items(const storage::InferenceRecord& record, const ml::Catalog& layout,
                                      const std::vector<ItemId>& wanted);
  // What histories said of these items, one value for each of the domain's, and of who asked, which goes into
  // `request`. Empty of each where they said nothing.
  Result<std::vector<std::vector<float>>> of_items(const storage::InferenceRecord& record, ml::Person person,
                                                   const ml::Catalog& layout, std::span<const ItemThen> items,
                                                   Values& request);
  // Likewise of one item of the ranking.
  Result<std::vector<float>> of_item(const storage::InferenceRecord& record, ml::Person person,
                                     const ml::Catalog& layout, ItemId item, Values& request);

 private:
  static constexpr std::size_t kMemory = 4U << 20;  // bytes
  struct Known {
    std::unordered_map<ItemId, std::vector<float>, KeyedHash> items;
    Values person;
  };

  void tell(const Values& person, Values& request) const;

  const Domain& domain_;
  const ml::HistoryPlan plan_;
  storage::Store& store_;
  LruCache<std::string, Known> kept_;  // by task
};

}  // namespace rankloop::app
