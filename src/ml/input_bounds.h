// Bounds on the inputs of families that add up weighted inputs: one value far beyond all others would
// otherwise set the scale of its column, and leave nothing of what the others say.
//
// Of a column's values the 1 % and the 99 % quantile are taken over the rows that have one; where at least
// half of them are one same value (a count that is mostly 0), over the others, and the range is widened to
// hold it. Values more than ten times the distance of the two beyond them are outliers: they count as the
// furthest value that is none. A column without outliers, or with up to fifty values, has no bounds and
// nothing changes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "domain/domain.h"
#include "ml/labelled_rows.h"

namespace rankloop::ml {

class ByteReader;
class ByteWriter;

struct InputBounds {
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
  bool any() const {
    return low > -std::numeric_limits<float>::infinity() || high < std::numeric_limits<float>::infinity();
  }
  // NaN (absent) stays.
  float bound(float value) const { return std::min(std::max(value, low), high); }
  bool operator==(const InputBounds&) const = default;
};

struct FittedBounds {
  InputBounds bounds;
  std::size_t outside = 0;  // rows
};

// One per column of the rows (several parts, all of one width).
std::vector<FittedBounds> fit_bounds(std::span<const LabelledRows* const> parts);

// A column whose outliers were bounded, for people.
struct BoundedInput {
  std::string name;  // of the feature or cross
  std::size_t rows = 0;
  InputBounds bounds;
};

// Those of `fitted` that are bounded. Crosses follow the features, as in the rows.
std::vector<BoundedInput> bounded_inputs(const Domain& domain, std::span<const FittedBounds> fitted);

// "3 rows have a value of price far beyond all others; it counts as 3000, the furthest of the others"
std::string to_sentence(const BoundedInput& input);

// In artefacts: two floats.
void write_bounds(ByteWriter& writer, const InputBounds& bounds);
InputBounds read_bounds(ByteReader& reader);
// Whether they are numbers with this one between them.
bool are_around(const InputBounds& bounds, float number);

}  // namespace rankloop::ml
