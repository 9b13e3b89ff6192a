// How many people an experiment needs, and what many comparisons at once do to what each says. Pure
// functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "error/result.h"

namespace rankloop::ml {

struct Precision {
  double power = 0.8;   // the chance to see an effect that is there
  double alpha = 0.05;  // the chance to see one that is not, two-sided
};

// People in each of two arms that are to tell a rate of `baseline` from one of `baseline + effect`; the
// normal approximation with the pooled variance under the hypothesis (Fleiss, Levin and Paik, "Statistical
// methods for rates and proportions", 2003, 4.14). kInvalidArgument: a rate would leave (0, 1), or there is
// no effect.
Result<std::int64_t> size_for_rates(double baseline, double effect, const Precision& precision);
// The same for means whose people differ by the standard deviation `deviation`: 2 (z_alpha/2 + z_beta)^2
// deviation^2 / effect^2. kInvalidArgument: the effect or the deviation is 0, or they are so far apart that
// nobody could count the people.
Result<std::int64_t> size_for_means(double deviation, double effect, const Precision& precision);

// People in all arms together, where each of two equal arms would need `each`: what the least favoured arm
// and the control (the first) make of their shares. The variance of a difference is that of 1/n + 1/m.
std::int64_t size_of_all(std::int64_t each, std::span<const double> shares);

// p-values of many comparisons as each would have to be alone (Holm, 1979): below alpha with a chance of at
// most alpha where nothing differs, however they depend on each other. In step with `p`.
std::vector<double> holm_adjusted(std::span<const double> p);

}  // namespace rankloop::ml
