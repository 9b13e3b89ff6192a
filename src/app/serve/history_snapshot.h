// A state of the fold of what happened, kept in a file, so that a start needs no more of the ledger than its
// tail. It holds counters of items and words, nothing of people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ml/history/history_fold.h"
#include "storage/history_reads.h"

namespace rankloop::app {

struct HistorySnapshot {
  std::int64_t position = 0;  // of the ledger, up to which it is
  std::uint64_t last = 0;     // hash_of() what happened there: another ledger has something else
};

// But for who it was, which an erasure changes.
std::uint64_t hash_of(const storage::Happening& happening);

// Replaces the file by a state, once that is whole on the disk. kUnavailable with the system's reason;
// kFailedPrecondition: another process is writing it. Blocks.
Status keep_snapshot(const std::string& file, const ml::HistoryPlan& plan, const ml::HistoryFold& fold,
                     const HistorySnapshot& snapshot);

// Fills an empty fold with the file's state. Nothing: there is none, of another plan or another ledger, or it
// is damaged; then the fold is of no use. Errors of the store alone. Blocks.
Result<std::optional<HistorySnapshot>> read_snapshot(const std::string& file, const ml::HistoryPlan& plan,
                                                     storage::HistoryReads& store, ml::HistoryFold& fold);

}  // namespace rankloop::app
