// The worth of a place to a guest, and the draw of a pick.
#include "simulate/choice.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace rankloop::simulate {
namespace {

// The weight of what was wished for and of what of it is there.
struct Met {
  double wished = 0;
  double met = 0;

  void add(bool wish, bool there, double weight) {
    if (!wish) return;
    wished += weight;
    if (there) met += weight;
  }
  // Without a wish there is nothing to miss.
  bool under(double tolerance) const { return wished > 0 && met < tolerance * wished; }
};

}  // namespace

double true_score(const Guest& guest, const Place& place) {
  const Taste& taste = guest.kind->taste;
  if (place.price > guest.budget * (1 + taste.budget_tolerance)) return 0;
  if (guest.children > 0 && place.family_rating < taste.family_tolerance) return 0;

  Met facilities;
  facilities.add(guest.spa, place.has_spa, taste.weight.spa);
  facilities.add(guest.pool, place.has_pool, taste.weight.pool);
  facilities.add(guest.pets, place.animals, taste.weight.pets);
  facilities.add(guest.sport, place.has_sport, taste.weight.sport);
  if (facilities.under(taste.facilities_tolerance)) return 0;

  Met surroundings;
  surroundings.add(guest.lake, place.near_lake, taste.weight.lake);
  surroundings.add(guest.mountain, place.near_mountains, taste.weight.mountain);
  surroundings.add(guest.sport, place.has_sport, taste.weight.sport);
  if (surroundings.under(taste.environment_tolerance)) return 0;

  const double lasting = guest.regular ? lasting_taste(*guest.regular, place.id.value) : 0;
  const double score =
      taste.facilities_weight * (place.family_rating + place.service_rating + facilities.met) +
      taste.environment_weight *
          (place.outdoor_rating + place.food_rating + place.leisure_rating + surroundings.met) +
      taste.users_weight * place.user_score;
  return score * (1 + lasting);
}

double best_true_score(const Guest& guest, std::span<const Place> places) {
  double best = 0;
  for (const Place& place : places) best = std::max(best, true_score(guest, place));
  return best;
}

std::optional<std::size_t> choose(std::span<const double> scores, const Taste& taste,
                                  const Choosing& choosing, Random& random) {
  if (!random.chance(choosing.decision)) return std::nullopt;
  std::vector<double> seen{scores.begin(), scores.end()};
  if (choosing.position_bias > 0) {
    for (std::size_t i = 0; i < seen.size(); ++i) {
      if (!random.chance(std::pow(static_cast<double>(i + 1), -choosing.position_bias))) seen[i] = 0;
    }
  }
  const auto best = std::max_element(seen.begin(), seen.end());
  if (best == seen.end() || *best <= 0) return std::nullopt;
  if (!random.chance(taste.ignore)) return std::nullopt;
  if (!random.chance(taste.exploration)) return static_cast<std::size_t>(best - seen.begin());
  return random.weighted(seen);
}

}  // namespace rankloop::simulate
