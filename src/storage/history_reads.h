// What happened, in the one order in which the ledger took it: what was shown, and what was told of rankings
// and of people. A store keeps that order where StoreOptions::histories asks for it. See writes.h for threads
// and errors.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "domain/clock.h"
#include "domain/ids.h"
#include "error/result.h"

namespace rankloop::storage {

struct Happening {
  // Ascending, no two the same, with gaps: who has seen one has seen all before it, whichever process wrote
  // them. What was written before the order was kept stands in it as it happened.
  std::int64_t position = 0;
  WallTime at;       // when it happened
  PersonKey person;  // empty: nobody knows who
  // Of the ranking (0: there was none yet); of a person's event the store's when it was told (0: it was told
  // before versions were kept with it).
  std::int64_t catalog_version = 0;
  std::string kind;           // of feedback; empty: items were shown
  std::vector<ItemId> items;  // that were shown, best first; or the one of feedback; of "none" none
  std::string request{};      // the payload of the ranking's request, where it is asked for
  double value = 1;           // of feedback
  double people = 1;          // likewise

  bool is_exposure() const { return kind.empty(); }
  bool operator==(const Happening&) const = default;
};

class HistoryReads {
 public:
  enum class Requests { kUntold, kTold };
  virtual ~HistoryReads() = default;

  // Those with greater positions than `after`, in order, streamed from one snapshot, if wanted with what
  // their requests say; `visit` answers false to stop. It must neither throw nor read from the store.
  // kDataLoss: a ranking is damaged.
  virtual Status each_happening(std::int64_t after, Requests requests,
                                const std::function<bool(const Happening&)>& visit) = 0;
  // Likewise all those of one person.
  virtual Status each_happening_of(const PersonKey& person, Requests requests,
                                   const std::function<bool(const Happening&)>& visit) = 0;
  // All that there is up to this position is committed, and nothing will be added to it; from memory. What
  // other processes write is known within a second or so. 0: nothing has happened, or no order is kept.
  virtual std::int64_t history_position() const noexcept = 0;
};

}  // namespace rankloop::storage
