// How sure a mean difference is, from the data alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rankloop::ml {

// What one person's requests add up to. Requests of one person are alike, so they are drawn together.
struct PersonSum {
  double difference = 0;  // summed over the requests
  double requests = 0;
};

struct Interval {
  double low = 0;
  double high = 0;
};

// Sums per person in order of first appearance; `people` empty: each difference is another person's.
std::vector<PersonSum> sum_by_person(std::span<const double> differences,
                                     std::span<const std::int64_t> people);

// The two-sided percentile interval of the mean difference per request: draws as many people as there are,
// with replacement, `resamples` times, and divides the sum of differences by the number of requests drawn. At
// least one person, each with requests; fewer than 2^32 people.
Interval bootstrap_mean(std::span<const PersonSum> people, std::size_t resamples, double confidence,
                        std::uint64_t seed);

}  // namespace rankloop::ml
