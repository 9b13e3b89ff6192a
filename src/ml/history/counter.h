// What is remembered of one kind of event of one subject, in a few cells of eight bytes: no event is kept.
//
// Every change is a function of the cells and the event alone, in the order of the ledger: whoever folds the
// same events in the same order has the same bits.
//
// A window of length w keeps sixteen buckets of w/16 and counts those that are not over: events between 15/16
// w and w old leave it together (Datar, Gionis, Indyk and Motwani, "Maintaining Stream Statistics over
// Sliding Windows", 2002, bound the error of fewer buckets). A half-life h keeps one sum and its moment t0,
// worth sum x 2^(-(t - t0) / h) at t (Cormode, Shkapenyuk, Srivastava and Xu, "Forward Decay", 2009).
#pragma once

#include <cstddef>
#include <cstdint>

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

void clear(const Counter& counter, Cell* cells);
// `people` did it at a moment, each with `value`. Moments need not come in order.
void add(const Counter& counter, Cell* cells, Moment at, double people, double value, Moment session);
// The sum at a moment; of kFirst and kLast the days since then, NaN: never. `session`: the one that runs
// then.
double sum_at(const Counter& counter, const Cell* cells, Moment now, Moment session);

}  // namespace rankloop::ml
