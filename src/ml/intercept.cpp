// Finds the intercept that gives the base rate.
#include "ml/intercept.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace rankloop::ml {

double fitted_intercept(std::span<const double> log_odds, std::span<const float> labels,
                        std::span<const float> weights) {
  constexpr int kSteps = 60;
  double intercept = 0;
  for (int step = 0; step < kSteps; ++step) {
    double gradient = 0;
    double curvature = 0;
    for (std::size_t r = 0; r < log_odds.size(); ++r) {
      const double weight = weights.empty() ? 1 : static_cast<double>(weights[r]);
      const double probability = 1 / (1 + std::exp(-log_odds[r] - intercept));
      gradient += weight * (probability - static_cast<double>(labels[r]));
      curvature += weight * probability * (1 - probability);
    }
    const double move = std::clamp(gradient / std::max(curvature, 1e-12), -2.0, 2.0);
    intercept -= move;
    if (std::abs(move) < 1e-9) break;
  }
  return intercept;
}

}  // namespace rankloop::ml
