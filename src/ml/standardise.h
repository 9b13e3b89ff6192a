// Inputs on one scale: mean 0 and deviation 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ml/input_bounds.h"
#include "ml/labelled_rows.h"

namespace rankloop::ml {

// How a column is standardised: (value - mean) / deviation, both weighted, over the rows that have a value;
// an absent one (NaN) counts as the mean. Outliers are bounded first. Or it is the absence of the column that
// is an input by itself: 1 / deviation where the value is absent, else 0.
struct StandardInput {
  std::uint32_t column = 0;
  float mean = 0;
  double deviation = 1;
  InputBounds bounds;
  bool absence = false;
};

// The columns of the rows (several parts, all of one width) that are not constant, ascending; `bounds` are
// those of the columns. Then the absences of the first `features` columns, of those that are absent in some
// rows and not in others: a cross is absent when a feature is.
std::vector<StandardInput> standardise(std::span<const LabelledRows* const> parts,
                                       std::span<const FittedBounds> bounds, std::size_t features);
// The same with bounds fitted on these rows.
std::vector<StandardInput> standardise(std::span<const LabelledRows* const> parts, std::size_t features);

}  // namespace rankloop::ml
