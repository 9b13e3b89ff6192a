// How a simulated guest judges a place, and which of the shown places it picks.
#pragma once

#include <optional>
#include <span>

#include "simulate/guests.h"
#include "simulate/places.h"
#include "simulate/random.h"

namespace rankloop::simulate {

// The true score of a place for a guest; 0 means rejected: the price is over budget x (1 + tolerance), fewer
// of the wished facilities (spa, pool, pets, sport) or surroundings (lake, mountains, sport) are there than
// tolerated, or there are children and the family rating is under the tolerance. Otherwise
//   facilities weight  x (family + service + weight of the wished facilities met) +
//   environment weight x (outdoor + food + leisure + weight of the wished surroundings met) +
//   users weight       x user score,
// times 1 + lasting_taste() where the guest is a regular.
double true_score(const Guest& guest, const Place& place);

// The best true score among places; 0 when all are rejected or there are none.
double best_true_score(const Guest& guest, std::span<const Place> places);

// What the experiment adds to a guest's taste.
struct Choosing {
  double decision = 1;       // the probability that a guest decides at all; otherwise it picks nothing
  double position_bias = 0;  // position k is looked at with probability k^-bias; 0: everything is
};

// The index of the pick among the true scores of the shown places, in shown order. Nothing is picked when all
// scores are 0 or with probability 1 - ignore; otherwise the best (the first of equals), or with probability
// `exploration` one in proportion to its score. A place that is overlooked counts as rejected.
std::optional<std::size_t> choose(std::span<const double> scores, const Taste& taste,
                                  const Choosing& choosing, Random& random);

}  // namespace rankloop::simulate
