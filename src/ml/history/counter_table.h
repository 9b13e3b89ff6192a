// The counters of many subjects of one kind, by a number of each. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ml/history/history_plan.h"

namespace rankloop::ml {

class CounterTable {
 public:
  // The place of a subject, which it keeps; none: nothing was counted of it.
  std::optional<std::uint32_t> find(std::uint64_t key) const;
  const Cell* cells(const HistorySubject& subject, std::uint32_t place) const {
    return cells_.data() + place * subject.cells;
  }
  // Of a subject that gets its place now unless it has one; until the next call.
  Cell* at(const HistorySubject& subject, std::uint64_t key);

  std::size_t size() const { return keys_.size(); }
  std::span<const std::uint64_t> keys() const { return keys_; }  // of the subjects that have a place
  std::size_t bytes() const;

 private:
  std::size_t slot_of(std::uint64_t key) const;
  void grow();

  std::vector<std::uint64_t> keys_;   // by place
  std::vector<Cell> cells_;           // [places][cells of the subject]
  std::vector<std::uint32_t> slots_;  // places + 1, a power of two of them; 0: free
};

}  // namespace rankloop::ml
