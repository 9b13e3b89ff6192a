// Preparing inputs for a network: min-max scaling and the choice of the best features by chi-squared, as
// scikit-learn's MinMaxScaler and SelectKBest(chi2) do it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ml/input_bounds.h"
#include "ml/labelled_rows.h"

namespace rankloop::ml {

// Scaled value = (value - minimum) * scale, outliers bounded first; NaN (absent) counts as the minimum.
struct ColumnRange {
  float minimum = 0;
  float scale = 1;  // 1 / (maximum - minimum); 1 for a constant column
  InputBounds bounds;
  float scaled(float value) const { return (bounds.bound(value) - minimum) * scale; }
};

// One range per column, fitted on the rows; `bounds` are those of the columns.
std::vector<ColumnRange> fit_ranges(const LabelledRows& rows, std::span<const FittedBounds> bounds);

// The chi-squared statistic of every scaled column against the labels: observed are the column's sums per
// class, expected are its total times the share of the class. A column of zeros has -1: it says nothing.
// Pearson (1900); as a filter for features: Liu and Setiono (1995).
std::vector<double> chi_squared(const LabelledRows& rows, std::span<const ColumnRange> ranges);

// The columns with the `count` greatest statistics, ascending by column; of equal ones the later columns.
std::vector<std::size_t> best_columns(std::span<const double> statistics, std::size_t count);

}  // namespace rankloop::ml
