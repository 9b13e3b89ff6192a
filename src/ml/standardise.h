// Inputs on one scale: mean 0 and deviation 1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ml/labelled_rows.h"

namespace rankloop::ml {

// How a column is standardised: (value - mean) / deviation, both weighted, over the rows that have a value;
// an absent one (NaN) counts as the mean.
struct StandardInput {
  std::uint32_t column = 0;
  float mean = 0;
  double deviation = 1;
};

// The columns of the rows (several parts, all of one width) that are not constant, ascending.
std::vector<StandardInput> standardise(std::span<const LabelledRows* const> parts);

}  // namespace rankloop::ml
