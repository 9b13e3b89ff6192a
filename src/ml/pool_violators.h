// Order where noise broke it.
#pragma once

#include <span>
#include <vector>

namespace rankloop::ml {

// The non-increasing sequence with the least weighted squared distance from the rates (pooling adjacent
// violators; Ayer, Brunk, Ewing, Reid and Silverman, 1955). Both are equally long, weights above 0. Pure.
std::vector<double> pool_violators(std::span<const double> rates, std::span<const double> weights);

}  // namespace rankloop::ml
