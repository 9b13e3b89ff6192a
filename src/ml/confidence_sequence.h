// Bounds on a mean that hold at every moment at once: whoever looks at them after each observation, and stops
// when they please, still errs with no more than the stated probability. An interval of a fixed size, looked
// at again and again, errs in the end with certainty.
//
// Two of them, and what each asks:
//   asymptotic   a finite variance; holds from some hundred observations on, of rare events some thirty.
//   Robbins' normal mixture around
//                the running mean (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central
//                limit theory and asymptotic confidence sequences", Annals of Statistics 2024, theorem 2.2)
//   bounded      values within known bounds; holds from the first observation on and is wider. Empirical
//                Bernstein with a polynomial stitched boundary (Howard, Ramdas, McAuliffe and Sekhon,
//                "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of Statistics
//                2021, theorems 1 and 4)
//
// Observations are independent of each other (people rather than requests of one person), their means may
// drift: the bounds are then on the average of the means so far. Pure; O(1) an observation.
#pragma once

#include <cstddef>
#include <span>

#include "ml/bootstrap.h"

namespace rankloop::ml {

struct SequenceRules {
  double confidence = 0.95;    // that both bounds hold, at all times together; between 0.5 and 1
  double tightest_at = 1'000;  // observations at which the bounds are as tight as they can be; above 0
};

// Count, mean and variance of what was seen so far (Welford, Technometrics 1962).
class RunningMean {
 public:
  void add(double value);

  std::size_t count() const { return count_; }
  double mean() const { return mean_; }
  double variance() const;  // of the observations, over count - 1; 0 below two of them

 private:
  std::size_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // of distances from the mean
};

// Half the width of the asymptotic sequence after `count` observations with a variance of 1; infinite before
// the first.
double sequence_radius(double count, const SequenceRules& rules);

// The least error at which the sequence of these rules leaves out a mean that is `errors` standard errors
// away after `count` observations: a p-value that holds at all moments at once.
double sequence_p(double count, double errors, const SequenceRules& rules);

// Of observations that were added one by one. Fewer than two say nothing: infinite bounds.
Interval asymptotic_sequence(const RunningMean& seen, const SequenceRules& rules);

// Of the weighted mean difference of people, as bootstrap_mean() has it: its standard error is that of a
// ratio of sums over people. Fewer than two people, or none that differ: infinite bounds.
Interval asymptotic_sequence(std::span<const PersonSum> people, const SequenceRules& rules);

// Observations within [low, high], low < high; what lies outside is taken for the bound next to it.
class BoundedSequence {
 public:
  BoundedSequence(double low, double high) : low_(low), high_(high) {}

  void add(double value);

  std::size_t count() const { return count_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  Interval bounds(const SequenceRules& rules) const;  // within [low, high]

 private:
  const double low_, high_;
  std::size_t count_ = 0;
  double sum_ = 0;
  double squares_ = 0;  // of distances from what was expected before: the mean so far
};

}  // namespace rankloop::ml
