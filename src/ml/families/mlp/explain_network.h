// Why the network gave a row its score.
#pragma once

#include "ml/families/mlp/network.h"

namespace rankloop::ml {

// Integrated gradients (Sundararajan, Taly and Yan, ICML 2017) along the straight line from inputs of 0,
// which is what absent values count as, to the row's own; 256 steps by the midpoint rule.
Explanation explain_network(const Network& network, const FeatureRows& row);

}  // namespace rankloop::ml
