// Whether the arms of an experiment got the shares of people that they were to get. Where they did not, what
// was measured is not what was meant, whatever the effects say. Pure functions.
#pragma once

#include <cstdint>
#include <span>

namespace rankloop::ml {

inline constexpr double kSampleRatioAlarm =
    0.001;  // of a p-value, below which nothing else is to be believed

struct SampleRatio {
  double chi_squared = 0;
  double p = 1;             // of chi_squared, looked at once
  double p_sequential = 1;  // holds at all moments at once, when the least one so far is taken
};

// `counts` of each arm against `shares`, in step, which need not sum to 1. Pearson's chi-squared test with
// one degree of freedom less than there are arms; and the inverse of the Bayes factor of a multinomial model
// with a Dirichlet prior about the shares, which is a supermartingale where they hold (Lindon and Malek,
// "Anytime-valid inference for multinomial count data", NeurIPS 2022). Nothing was counted, or there is one
// arm: p is 1.
SampleRatio sample_ratio(std::span<const std::int64_t> counts, std::span<const double> shares);

}  // namespace rankloop::ml
