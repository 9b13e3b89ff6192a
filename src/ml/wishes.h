// What wishes say of the rows of one request.
//
//   not_again, block  leave rows out: they are not among what is ranked
//   boost             adds to the log-odds of a row's calibrated score; the score that is kept stays the
//                     model's own
//   pin, at_most      speak of positions: placing.h, once it is known in which order the rows come
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/schema.h"
#include "domain/wish.h"
#include "ml/calibration.h"
#include "ml/catalog.h"
#include "ml/query.h"
#include "ml/rules.h"

namespace rankloop::ml {

// The log-odds of a calibrated probability; finite.
double log_odds_of(double probability);

// Reads the catalog and the wishes, which must outlive it; thread-safe.
class BoundWishes {
 public:
  BoundWishes(const WishesInForce& wishes, const Catalog& catalog, const ValuesView& request,
              const Past* past);

  // Takes the rows that are left out from some ascending ones.
  void leave_out(std::vector<std::uint32_t>& rows) const;

  bool boosts() const { return !boosts_.empty(); }
  double boost(std::uint32_t row) const;  // 0: none

  struct Bound {
    std::size_t most = 0;
    std::size_t first = 0;
    std::size_t position = 0;  // of the item's words in the catalog
  };
  const std::vector<Bound>& bounds() const { return bounds_; }
  std::int32_t code_of(const Bound& bound, std::uint32_t row) const;

  std::size_t pins() const { return pins_.size(); }
  std::size_t pinned_index(std::size_t pin) const { return pins_[pin].index; }  // from 0
  bool may_be_pinned(std::size_t pin, std::uint32_t row) const { return holds(pins_[pin].where, row); }

 private:
  using Where = std::vector<BoundCondition>;
  struct Boost {
    Where where;
    double by = 0;
  };
  struct Pin {
    Where where;
    std::size_t index = 0;
  };
  Where bind(const Wish& wish, const ValuesView& request) const;
  static bool holds(const Where& where, std::uint32_t row);
  void add_seen(const Wish& wish, const Past* past);

  const Catalog& catalog_;
  std::vector<std::uint32_t> seen_;  // rows of not_again, ascending
  std::vector<Where> blocks_;
  std::vector<Boost> boosts_;
  std::vector<Bound> bounds_;
  std::vector<Pin> pins_;
};

// The name of a field that a wish reads and the catalog does not hold, because no feature, cross, rule or
// wish of the domain reads it; nothing: there is none.
std::optional<std::string> field_not_held(const Wish& wish, const Catalog& catalog);

}  // namespace rankloop::ml
