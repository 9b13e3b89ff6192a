// From what the ledger says that happened to events that can be folded: each with its kind and with the words
// that its item had then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "app/serve/serving.h"
#include "domain/keyed_hash.h"
#include "ml/history/history_fold.h"
#include "storage/history_reads.h"
#include "storage/learning_reads.h"

namespace rankloop::app {

ml::Moment moment_of(WallTime at);

// Whether folding needs to know what requests said.
storage::HistoryReads::Requests requests_for(const ml::HistoryPlan& plan);

// The words of items at versions of the catalog. Not thread-safe.
class ItemWordsOfThen {
 public:
  ItemWordsOfThen(const ml::HistoryPlan& plan, storage::LearningReads& store) : plan_(plan), store_(store) {}

  // Finds those of the items of some happenings; what `present` holds as it was then is not read from the
  // store. Blocks.
  Status learn(std::span<const storage::Happening> happenings, const ml::Catalog* present);
  // Of an item that was among them.
  const ml::ItemWords& at(ItemId item, std::int64_t version) const;

 private:
  struct Version {
    std::int64_t from = 0;
    ml::ItemWords words;
  };
  void keep(ItemId item, std::int64_t from, ml::ItemWords words);

  const ml::HistoryPlan& plan_;
  storage::LearningReads& store_;
  std::unordered_map<ItemId, std::vector<Version>, KeyedHash> known_;  // ascending by version
  const ml::ItemWords none_;
};

// The events of a happening, as many as it has items. Refer to `words`.
std::vector<ml::HistoryEvent> events_of(const ml::HistoryPlan& plan, const storage::Happening& happening,
                                        const ItemWordsOfThen& words);

}  // namespace rankloop::app
