// What is remembered of one kind of event of one subject, in a few cells of eight bytes: no event is kept.
//
// Every change is a function of the cells and the event alone, in the order of the ledger: whoever folds the
// same events in the same order has the same bits.
//
// A window of length w keeps sixteen buckets of w/16 and counts those that are not over: events between 15/16
// w and w old leave it together (Datar, Gionis, Indyk and Motwani, "Maintaining Stream Statistics over
// Sliding Windows", 2002, bound the error of fewer buckets). A half-life h keeps the sum
// of amounts x 2^((t - L) / h) of a landmark L, worth sum x 2^(-(t - L) / h) at t (Cormode, Shkapenyuk,
// Srivastava and Xu, "Forward Decay", 2009). Landmarks lie 64 half-lives apart: from one to the next a sum
// changes by an exact power of two, and at one moment all counters of a half-life decay by one factor.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "domain/history_feature.h"

namespace rankloop::ml {

using Cell = std::int64_t;    // an integer, or the bits of a double or of two floats
using Moment = std::int64_t;  // milliseconds since 1970

struct Counter {
  enum class Measure { kPeople, kValue, kFirst, kLast };
  std::size_t kind = 0;  // of HistoryPlan
  Measure measure = Measure::kPeople;
  HistoryReach reach = HistoryReach::kAlways;
  Moment span = 0;

  bool operator==(const Counter&) const = default;
  std::size_t cells() const;
};

// The moment at which a person's session began.
inline constexpr Moment kNoSession = INT64_MIN;
// In its place where cells are of one session alone, whenever that began.
inline constexpr Moment kNamedSession = INT64_MIN + 2;

void clear(const Counter& counter, Cell* cells);
// `people` did it at a moment, each with `value`. Moments need not come in order.
void add(const Counter& counter, Cell* cells, Moment at, double people, double value, Moment session);

// What counters of one kind say at one moment: what does not depend on the cells is computed once.
class CounterAt {
 public:
  // `session`: the one that runs then.
  CounterAt(const Counter& counter, Moment now, Moment session);
  // How the cells are read.
  enum class Way { kAlways, kWindow, kHalfLife, kSession, kMoment };

  // The sum; of kFirst and kLast the days since then, NaN: never.
  double sum(const Cell* cells) const {
    double found = 0;
    with_way([&](auto way) { found = sum_by<decltype(way)::value>(cells); });
    return found;
  }
  // The same by a way that is known to be its.
  template <Way way>
  [[gnu::always_inline]] double sum_by(const Cell* cells) const {
    if constexpr (way == Way::kAlways) return std::bit_cast<double>(cells[0]);
    if constexpr (way == Way::kWindow)
      return cells[0] == bucket_ ? std::bit_cast<double>(cells[1]) : sum_of_window(cells);
    if constexpr (way == Way::kHalfLife)
      return cells[1] >= landmark_ && cells[1] <= now_ ? std::bit_cast<double>(cells[0]) * factor_
                                                       : sum_of_decay(cells);
    if constexpr (way == Way::kSession) return cells[0] == session_ ? std::bit_cast<double>(cells[1]) : 0;
    if constexpr (way == Way::kMoment) return days_since(cells[0]);
  }
  // Calls `use` with its way as a constant: whoever reads many cells chooses once.
  template <class Use>
  void with_way(const Use& use) const {
    switch (way_) {
      case Way::kAlways:
        return use(std::integral_constant<Way, Way::kAlways>{});
      case Way::kWindow:
        return use(std::integral_constant<Way, Way::kWindow>{});
      case Way::kHalfLife:
        return use(std::integral_constant<Way, Way::kHalfLife>{});
      case Way::kSession:
        return use(std::integral_constant<Way, Way::kSession>{});
      case Way::kMoment:
        return use(std::integral_constant<Way, Way::kMoment>{});
    }
  }

 private:
  double sum_of_window(const Cell* cells) const;
  double sum_of_decay(const Cell* cells) const;
  double days_since(Cell then) const;

  Way way_;
  Moment now_;
  Moment session_;
  Moment span_;
  std::int64_t bucket_ = 0;  // of a window: the one that runs
  Moment landmark_ = 0;      // of a half-life: the last one
  double factor_ = 1;        // since then
};

}  // namespace rankloop::ml
