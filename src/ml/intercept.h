// The base rate: what a fit that only compares rows with each other leaves open.
#pragma once

#include <span>

namespace rankloop::ml {

// The number that, added to all log-odds, makes the probabilities add up to the labels (0..1), both weighted
// (empty: 1 each). Newton's method, whose steps are bounded where all labels are 0 or 1.
double fitted_intercept(std::span<const double> log_odds, std::span<const float> labels,
                        std::span<const float> weights);

}  // namespace rankloop::ml
