// The metrics over rows, whatever request they belong to. Spans as in Scored; the caller has checked them.
// Everything is empty when the weights of all rows sum to 0.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace rankloop::ml {

struct ThresholdMetrics {
  double acc = 0;
  double pre = 0;  // 0 without a predicted positive
  double rec = 0;  // 0 without a positive
  double f1 = 0;
};

// At score >= 0.5 against label > 0.5.
std::optional<ThresholdMetrics> threshold_metrics(std::span<const double> scores,
                                                  std::span<const double> labels,
                                                  std::span<const double> weights);

// The probability that the row with the greater label has the greater score, a tie counting half, of pairs
// drawn by their weights and the difference of their labels. Of labels 0 and 1 that is the probability that a
// positive scores above a negative (Mann and Whitney, 1947); shares, grades and counts need no threshold.
// Empty unless two labels that differ have weight.
std::optional<double> area_under_curve(std::span<const double> scores, std::span<const double> labels,
                                       std::span<const double> weights);

// The mean cross-entropy of labels in 0..1, in nats.
std::optional<double> log_loss(std::span<const double> probabilities, std::span<const double> labels,
                               std::span<const double> weights);

// The mean distance of mean probability and mean label over 10 bins of equal width, weighted by the bins'
// rows (Naeini, Cooper and Hauskrecht, AAAI 2015).
std::optional<double> calibration_error(std::span<const double> probabilities, std::span<const double> labels,
                                        std::span<const double> weights);

// One point of a reliability diagram: rows of much the same probability, and what became of them.
struct CalibrationBin {
  double predicted = 0;  // the mean probability
  double observed = 0;   // the mean label
  double low = 0;        // of `observed`, the 95 % interval
  double high = 0;
  std::size_t rows = 0;  // with weight
};

// The rows in the order of their probabilities, in up to 10 bins of about equally many (DeGroot and Fienberg,
// 1983; equal counts as in Niculescu-Mizil and Caruana, ICML 2005). Rows of one probability stay together, in
// the bin where their middle lies. Means are weighted; the interval is Wilson's with as many trials as the
// weights are worth, (sum of w)^2 / sum of w^2 (Kish, 1965). Labels in 0..1; rows without weight are left
// out. Ascending by `predicted`; empty without rows that have weight.
std::vector<CalibrationBin> calibration_curve(std::span<const double> probabilities,
                                              std::span<const double> labels,
                                              std::span<const double> weights);

}  // namespace rankloop::ml
