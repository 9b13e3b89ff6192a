// Calibration: from raw scores to probabilities, by a monotone curve that keeps every order.
#pragma once

#include <span>

namespace rankloop::ml {

// probability = sigmoid(slope x log-odds(score) + intercept), slope > 0. The preset changes nothing.
struct Calibration {
  float slope = 1;
  float intercept = 0;
  double apply(double score) const;
  bool operator==(const Calibration&) const = default;
};

// Fits both numbers by weighted maximum likelihood (Platt, 1999, with the targets softened as he proposes, so
// that few rows do not give certainty; Newton's method with the step control of Lin, Lin and Weng, 2007).
// Labels are 0..1, `weights` may be empty. The preset where there is nothing to fit: no rows, one class only,
// or an order that would have to be turned round.
Calibration fit_calibration(std::span<const float> scores, std::span<const float> labels,
                            std::span<const float> weights);

}  // namespace rankloop::ml
