// Position bias: people overlook what stands low. Lists in random order tell how much: there every position
// holds equally good items on average. Pure functions.
//
// Two curves come out of them. What a position *draws* is its pick rate relative to the first; its inverse is
// the weight of a pick: then items that are equally good gain equally much wherever they stand (Joachims,
// Swaminathan and Schnabel, "Unbiased learning-to-rank with biased feedback", WSDM 2017). How often a
// position is *examined* (Craswell, Zoeter, Taylor and Ramsey, "An experimental comparison of click
// position-bias models", WSDM 2008) is not the same where people pick once: a low position loses picks by
// being overlooked and again to what was seen above it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ml/labelled_rows.h"

namespace rankloop::ml {

// What lists in random order showed and drew, by position.
class PositionCounts {
 public:
  void add(std::int32_t position, double shown, double picks);  // 1-based; others are not counted
  // The rows with randomised[row] != 0; positions come from rows.shown, without which nothing is counted.
  void add(const LabelledRows& rows, std::span<const std::uint8_t> randomised);

  struct Position {
    double shown = 0;
    double picks = 0;
  };
  std::span<const Position> positions() const { return positions_; }
  double picks() const;

 private:
  std::vector<Position> positions_;
};

// A value for each position, relative to the first.
struct Examination {
  std::vector<double> at_position;  // [position - 1]; the first is 1, never rising, always above 0

  // Positions beyond the last that was measured count as that one; 1 when nothing was measured or the
  // position is not known (0).
  double at(std::int32_t position) const;
};

// What each position draws, and the curve that much steeper and flatter that the truth lies between them in
// 95 of 100 cases.
struct Attraction {
  Examination curve;
  Examination steeper;
  Examination flatter;
};

// First a power law, position^-eta, is fitted by maximum a posteriori (multinomial over the positions' shares
// of the picks; eta normal around 0 with deviation 1, and not negative). Then each position's own pick rate
// is smoothed by that curve, as if by ten more picks at the first position, and made non-increasing by
// pooling adjacent violators (Ayer, Brunk, Ewing, Reid and Silverman, 1955). So few rows give the power law,
// no picks give all ones, and many rows speak for themselves. The bounds are those of eta's posterior.
Attraction estimate_attraction(const PositionCounts& counts);

// How often a position is examined, relative to the first, when a person picks at most one of what was
// examined and pleases; `low` and `high` are the ends of the 95 % interval.
struct ExaminedPosition {
  double examination = 1;
  double low = 1;
  double high = 1;
};

// With a(k) the probability that position k is examined and its item would do, and one of all those picked at
// random (items stand in random order, so each is as likely the best), the pick rate is
// p(k) = a(k) E[1 / (1 + S)], S the number of the others: sums of independent trials of unequal chances. That
// is solved for a by iteration. The interval is a parametric bootstrap's (200 draws of the counts). At most
// the first `most` positions; empty without a pick.
std::vector<ExaminedPosition> estimate_examination(const PositionCounts& counts, std::size_t most,
                                                   std::uint64_t seed = 42);

// Multiplies the weights, so that a pick at position k speaks for 1 / curve(k) picks, at most `cap` (1 or
// more): what exceeds it would rather be noise. A row without a pick keeps its weight. The unbiased loss
// would weigh the pick's "not pleased" part by 1 - 1 / curve(k); that is negative and is cut off at 0 (the
// non-negative estimator of Saito, Yaginuma, Nishino, Sakata and Nakata, "Unbiased recommender learning from
// missing-not-at-random implicit feedback", WSDM 2020). A soft label is divided into its two parts. Rows
// without `shown` stay as they are.
void weigh_by_attraction(LabelledRows& rows, const Examination& curve, double cap = 10);

}  // namespace rankloop::ml
