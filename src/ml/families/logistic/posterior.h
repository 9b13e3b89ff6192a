// Draws of a linear function from what its training rows leave open: Laplace's approximation of the
// posterior, by its diagonal alone (Chapelle and Li, "An empirical evaluation of Thompson sampling", NeurIPS
// 2011).
#pragma once

#include <cstdint>

#include "ml/families/logistic/linear.h"

namespace rankloop::ml {

// The function with each weight moved by its deviation times a number from the standard normal distribution:
// the same for the same draw. What an absence adds stays.
Linear drawn_from_posterior(const Linear& linear, std::uint64_t draw);

}  // namespace rankloop::ml
