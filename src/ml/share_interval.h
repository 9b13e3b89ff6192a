// How sure a share is.
#pragma once

#include "ml/bootstrap.h"

namespace rankloop::ml {

// Wilson's 95 % interval (1927) of a share of `n` trials, n above 0; within [0, 1]. Pure.
Interval share_interval(double share, double n);

}  // namespace rankloop::ml
