#include "ml/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

// Between the two nearest of the sorted values, linearly.
double quantile(std::span<const double> sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - std::floor(at)) * (sorted[above] - sorted[below]);
}

}  // namespace

std::vector<PersonSum> sum_by_person(std::span<const double> differences,
                                     std::span<const std::int64_t> people) {
  std::vector<PersonSum> sums;
  std::unordered_map<std::int64_t, std::size_t> places;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    std::size_t place = sums.size();
    if (!people.empty()) place = places.try_emplace(people[i], sums.size()).first->second;
    if (place == sums.size()) sums.emplace_back();
    sums[place].difference += differences[i];
    sums[place].requests += 1;
  }
  return sums;
}

Interval bootstrap_mean(std::span<const PersonSum> people, std::size_t resamples, double confidence,
                        std::uint64_t seed) {
  RandomNumbers random{seed};
  const auto count = static_cast<std::uint32_t>(people.size());
  std::vector<double> means(resamples);
  for (double& mean : means) {
    PersonSum drawn;
    for (std::uint32_t i = 0; i < count; ++i) {
      const PersonSum& person = people[random.below(count)];
      drawn.difference += person.difference;
      drawn.requests += person.requests;
    }
    mean = drawn.difference / drawn.requests;
  }
  std::sort(means.begin(), means.end());
  const double tail = (1 - confidence) / 2;
  return {quantile(means, tail), quantile(means, 1 - tail)};
}

}  // namespace rankloop::ml
