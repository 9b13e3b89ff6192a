// Position bias: people overlook what stands low. A pick needs two things, that the position was examined and
// that the item pleased (the examination hypothesis of the position-based model; Craswell, Zoeter, Taylor and
// Ramsey, "An experimental comparison of click position-bias models", WSDM 2008).
//
// Lists in random order tell the two apart: there every position holds equally good items on average, so the
// pick rate of a position, relative to the first, is its examination. Picks of ranked lists, weighted by the
// inverse of it, are then what would have been picked had everything been examined (Joachims, Swaminathan and
// Schnabel, "Unbiased learning-to-rank with biased feedback", WSDM 2017). Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ml/labelled_rows.h"

namespace rankloop::ml {

// How often a position is examined, relative to the first.
struct Examination {
  std::vector<double> at_position;  // [position - 1]; the first is 1, never rising, always above 0

  // Positions beyond the last that was measured count as that one; 1 when nothing was measured or the
  // position is not known (0).
  double at(std::int32_t position) const;
};

// From the rows that were shown in uniformly random order, `randomised[row]` != 0 (a propensity of about
// 1 / (items - position + 1)); positions come from rows.shown. With none of them, or rows without `shown`:
// everything is examined.
//
// First a power law, position^-eta, is fitted by maximum a posteriori (multinomial over the positions' shares
// of the picks; eta normal around 0 with deviation 1, and not negative). Then each position's own pick rate
// is smoothed by that curve, as if by ten more picks at the first position, and made non-increasing by
// pooling adjacent violators (Ayer, Brunk, Ewing, Reid and Silverman, 1955). So few rows give the power law,
// no picks give all ones, and many rows speak for themselves.
Examination estimate_examination(const LabelledRows& rows, std::span<const std::uint8_t> randomised);

// Multiplies the weights, so that a pick at position k speaks for 1 / e(k) picks, at most `cap` (1 or more):
// what exceeds it would rather be noise. A row without a pick keeps its weight. The unbiased loss would weigh
// the pick's "not pleased" part by 1 - 1 / e(k); that is negative and is cut off at 0 (the non-negative
// estimator of Saito, Yaginuma, Nishino, Sakata and Nakata, "Unbiased recommender learning from
// missing-not-at-random implicit feedback", WSDM 2020). A soft label is divided into its two parts. Rows
// without `shown` stay as they are.
void weigh_by_examination(LabelledRows& rows, const Examination& examination, double cap = 10);

}  // namespace rankloop::ml
