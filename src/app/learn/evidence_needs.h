// How many requests with an outcome it takes to train, and then to prove that the model is better. A pure
// function of settings.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace rankloop::app {

struct EvidenceNeeds {
  std::int64_t training = 250;       // requests with an outcome
  std::int64_t test_requests = 200;  // with a pick, that the gate judges by
  double test_share = 0.2;           // of the requests with an outcome that may judge

  // About how many requests with an outcome a promotion needs, when `picked` of them (0..1) end with a pick:
  // the rest says nothing about an order.
  std::int64_t gate(double picked) const {
    const double share = std::max(test_share * picked, 1e-6);
    const double needed = std::ceil(static_cast<double>(test_requests) / share - 1e-9);
    return std::max(training, static_cast<std::int64_t>(std::min(needed, 1e15)));
  }
};

}  // namespace rankloop::app
