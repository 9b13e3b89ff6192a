// Resamples pairs by people and reads the quantiles.
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

// Sums over people, from which the mean and its standard error follow.
struct Moments {
  double people = 0, difference = 0, requests = 0, square = 0, product = 0, requests_square = 0;

  void add(const PersonSum& person) {
    people += 1;
    difference += person.difference;
    requests += person.requests;
    square += person.difference * person.difference;
    product += person.difference * person.requests;
    requests_square += person.requests * person.requests;
  }
  double mean() const { return difference / requests; }
  double error() const {
    const double m = mean();
    const double residuals = square - 2 * m * product + m * m * requests_square;
    return std::sqrt(std::max(0.0, residuals) * people / (people - 1)) / requests;
  }
};

}  // namespace

std::vector<PersonSum> sum_by_person(std::span<const double> differences, std::span<const double> weights,
                                     std::span<const std::int64_t> people, std::size_t most) {
  std::vector<PersonSum> sums;
  std::vector<std::size_t> counts;
  std::unordered_map<std::int64_t, std::size_t> places;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    std::size_t place = sums.size();
    if (!people.empty()) place = places.try_emplace(people[i], sums.size()).first->second;
    if (place == sums.size()) {
      sums.emplace_back();
      counts.push_back(0);
    }
    const double weight = weights.empty() ? 1 : weights[i];
    sums[place].difference += weight * differences[i];
    sums[place].requests += weight;
    ++counts[place];
  }
  for (std::size_t p = 0; p < sums.size(); ++p) {
    if (most == 0 || counts[p] <= most) continue;
    const double share = static_cast<double>(most) / static_cast<double>(counts[p]);
    sums[p].difference *= share;
    sums[p].requests *= share;
  }
  return sums;
}

MeanOfPeople mean_of_people(std::span<const PersonSum> people) {
  Moments all;
  for (const PersonSum& person : people) all.add(person);
  return {all.mean(), people.size() > 1 ? all.error() : 0};
}

Interval bootstrap_mean(std::span<const PersonSum> people, std::size_t resamples, double confidence,
                        std::uint64_t seed) {
  // A draw that hit nothing but equal values has no error of its own; it counts as far out, not as infinite.
  constexpr double kLeastError = 0.05;
  const auto [mean, error] = mean_of_people(people);
  if (!(error > 0)) return {mean, mean};
  RandomNumbers random{seed};
  const auto count = static_cast<std::uint32_t>(people.size());
  std::vector<double> distances(resamples);
  for (double& distance : distances) {
    Moments drawn;
    for (std::uint32_t i = 0; i < count; ++i) drawn.add(people[random.below(count)]);
    distance = (drawn.mean() - mean) / std::max(drawn.error(), kLeastError * error);
  }
  std::sort(distances.begin(), distances.end());
  const double tail = (1 - confidence) / 2;
  return {mean - quantile(distances, 1 - tail) * error, mean - quantile(distances, tail) * error};
}

}  // namespace rankloop::ml
