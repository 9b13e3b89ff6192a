// Goes through what happened once more, in the ledger's order, and stops where rankings were made: each finds
// there what was known to it, computed by the code that served it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include "app/serve/happenings.h"
#include "app/serve/histories.h"
#include "ml/history/history_fold.h"
#include "storage/learning_reads.h"

namespace rankloop::app {

// A ranking that is looked at again.
struct HistoryStop {
  std::int64_t known = 0;  // the position up to which it knew
  ml::Person person = 0;   // who asked; 0: nobody said
};

// Calls `visit` at each stop, in the order of their positions, with its place among `stops`. Blocks; `visit`
// may read from the store. kAborted when a stop was requested.
Status walk_history(const ml::HistoryPlan& plan, storage::LearningReads& store,
                    std::span<const HistoryStop> stops,
                    const std::function<Status(std::size_t, const KnownHistory&)>& visit,
                    const std::stop_token& stop);

// What was known at one stop. Blocks; as above.
Status look_back(const ml::HistoryPlan& plan, storage::LearningReads& store, const HistoryStop& stop,
                 const std::function<Status(const KnownHistory&)>& look);

}  // namespace rankloop::app
