// Inputs on one scale: mean 0 and deviation 1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ml/input_bounds.h"
#include "ml/labelled_rows.h"

namespace rankloop::ml {

// How a column is standardised: (value - mean) / deviation, both weighted, over the rows that have a value;
// an absent one (NaN) counts as the mean. Outliers are bounded first.
struct StandardInput {
  std::uint32_t column = 0;
  float mean = 0;
  double deviation = 1;
  InputBounds bounds;
};

// The columns of the rows (several parts, all of one width) that are not constant, ascending; `bounds` are
// those of the columns.
std::vector<StandardInput> standardise(std::span<const LabelledRows* const> parts,
                                       std::span<const FittedBounds> bounds);
// The same with bounds fitted on these rows.
std::vector<StandardInput> standardise(std::span<const LabelledRows* const> parts);

}  // namespace rankloop::ml
