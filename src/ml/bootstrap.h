// How sure a mean difference is, from the data alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rankloop::ml {

// What one person's requests add up to. Requests of one person are alike, so they are drawn together.
struct PersonSum {
  double difference = 0;  // summed over the requests, each times its weight
  double requests = 0;    // their weights
};

struct Interval {
  double low = 0;
  double high = 0;
};

// Sums per person in order of first appearance. `people` empty: each difference is another person's;
// `weights` empty: 1 each. A person with more than `most` requests (0: no bound) counts as that many.
std::vector<PersonSum> sum_by_person(std::span<const double> differences, std::span<const double> weights,
                                     std::span<const std::int64_t> people, std::size_t most);

// The weighted mean difference and its standard error, that of a ratio of sums over people (its
// linearisation). One person has no error: 0. At least one person, each with weight.
struct MeanOfPeople {
  double mean = 0;
  double error = 0;
};
MeanOfPeople mean_of_people(std::span<const PersonSum> people);

// The two-sided studentised interval (bootstrap-t; Efron and Tibshirani, 1993, 12.5) of the weighted mean
// difference: draws as many people as there are, with replacement, `resamples` times; the quantiles are those
// of the distance from the mean in standard errors, each draw's by its own error. So a skewed distribution is
// paid for on the side of its tail. One person says nothing about others: the interval is then the mean
// alone. Each person has weight; fewer than 2^32 people.
Interval bootstrap_mean(std::span<const PersonSum> people, std::size_t resamples, double confidence,
                        std::uint64_t seed);

}  // namespace rankloop::ml
