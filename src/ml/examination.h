// Position bias: people overlook lower positions, so a place that was not picked there may only not have been
// seen.
//
// The examination curve e(k) is the probability that position k is looked at, relative to the first. It is
// estimated where a uniform order was shown: there what stands at a position is independent of the position,
// so pick rates differ by examination alone (Craswell et al., WSDM 2008; Joachims, Swaminathan and Schnabel,
// WSDM 2017).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ml/labelled_rows.h"

namespace rankloop::ml {

struct Examination {
  std::vector<double>
      at_position;  // [position - 1], at_position[0] = 1, never rising; empty: everything is seen
  double at(int position) const;  // positions beyond the curve are seen like its last one
};

// `randomised` says for each row whether its list was a uniform draw. Rates of neighbouring positions are
// pooled until they fall (isotonic regression). Too few picks on randomised rows: everything is seen.
Examination estimate_examination(const LabelledRows& rows, std::span<const std::uint8_t> randomised);

// Lets a pick at position k speak for 1 / e(k) picks, at most `cap`: those that were looked at and would have
// been picked, and those that would have been, but were overlooked. Rows without positions stay as they are.
void weigh_by_examination(LabelledRows& rows, const Examination& examination, double cap);

}  // namespace rankloop::ml
