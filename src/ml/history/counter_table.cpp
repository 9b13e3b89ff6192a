// A hash table with linear probing over places that never move.
#include "ml/history/counter_table.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "domain/keyed_hash.h"

namespace rankloop::ml {

std::size_t CounterTable::slot_of(std::uint64_t key) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = keyed_hash(key) & mask;
  while (slots_[slot] != 0 && keys_[slots_[slot] - 1] != key) slot = (slot + 1) & mask;
  return slot;
}

std::optional<std::uint32_t> CounterTable::find(std::uint64_t key) const {
  if (slots_.empty()) return std::nullopt;
  const std::uint32_t found = slots_[slot_of(key)];
  if (found == 0) return std::nullopt;
  return found - 1;
}

Cell* CounterTable::at(const HistorySubject& subject, std::uint64_t key) {
  if (2 * (keys_.size() + 1) > slots_.size()) grow();
  std::uint32_t& slot = slots_[slot_of(key)];
  if (slot == 0) {
    cells_.resize(cells_.size() + subject.cells);
    keys_.push_back(key);
    slot = static_cast<std::uint32_t>(keys_.size());
    Cell* const fresh = cells_.data() + (slot - 1) * subject.cells;
    for (std::size_t c = 0; c < subject.counters.size(); ++c)
      clear(subject.counters[c], fresh + subject.offsets[c]);
  }
  return cells_.data() + (slot - 1) * subject.cells;
}

bool CounterTable::fill(const HistorySubject& subject, std::vector<std::uint64_t> keys,
                        std::vector<Cell> cells) {
  if (keys.size() >= UINT32_MAX || cells.size() != keys.size() * subject.cells) return false;
  CounterTable filled;
  filled.slots_.assign(std::bit_ceil(2 * (keys.size() + 1)), 0);
  filled.keys_ = std::move(keys);
  filled.cells_ = std::move(cells);
  for (std::size_t place = 0; place < filled.keys_.size(); ++place) {
    std::uint32_t& slot = filled.slots_[filled.slot_of(filled.keys_[place])];
    if (slot != 0) return false;
    slot = static_cast<std::uint32_t>(place + 1);
  }
  *this = std::move(filled);
  return true;
}

void CounterTable::grow() {
  constexpr std::size_t kFewest = 8;
  slots_.assign(std::max(kFewest, 2 * slots_.size()), 0);
  for (std::size_t place = 0; place < keys_.size(); ++place)
    slots_[slot_of(keys_[place])] = static_cast<std::uint32_t>(place + 1);
}

std::size_t CounterTable::bytes() const {
  return keys_.capacity() * sizeof(std::uint64_t) + cells_.capacity() * sizeof(Cell) +
         slots_.capacity() * sizeof(std::uint32_t);
}

}  // namespace rankloop::ml
