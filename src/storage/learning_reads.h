// What models learn from: requests that were shown, and what came of them. See writes.h for threads.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "domain/ids.h"
#include "error/result.h"
#include "storage/history_reads.h"
#include "storage/records.h"

namespace rankloop::storage {

class LearningReads : public HistoryReads {
 public:
  // Requests of which anything was shown, with greater numbers than `after`, in order of their numbers,
  // streamed from one snapshot; `visit` answers false to stop. It must neither throw nor read from the store.
  virtual Status each_shown(InferenceId after, const std::function<bool(const ShownRequest&)>& visit) = 0;
  // Every completed state of these items, deletions too, those of one item by version, streamed; `visit`
  // answers false to stop.
  virtual Status each_item_version(std::span<const ItemId> ids,
                                   const std::function<bool(const ItemRecord&)>& visit) = 0;
  // Likewise of all items that there ever were.
  virtual Status every_item_version(const std::function<bool(const ItemRecord&)>& visit) = 0;
  // Of the requests with greater numbers than `after`; each count ends at `most`, and reads an index entry of
  // each that it counts.
  virtual Result<OutcomeCounts> outcome_counts(InferenceId after, std::int64_t most) = 0;
  // The request from which on exactly `n` (at least 1) have an outcome; 0 when fewer have one.
  virtual Result<InferenceId> nth_newest_outcome(std::int64_t n) = 0;
  virtual Counts counts() const noexcept = 0;  // from memory
};

}  // namespace rankloop::storage
