// Position bias from models that share the traffic, without random orders (Agarwal, Zaitsev, Wang, Li, Najork
// and Joachims, "Estimating position bias without intrusive interventions", WSDM 2019). Which model answers a
// request is chance. So an item that one of them puts at k and another at k' was moved from one place to the
// other by chance alone: what it draws more at k is the place's work, not its own. Pure functions.
//
// What comes out is what a position *draws* (ml/examination.h), of items that the models differ on, in lists
// that models ordered: what picks in such lists are weighed by. How often a position is examined it does not
// tell: where people pick once, picks are also lost to what stands above.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "ml/examination.h"

namespace rankloop::ml {

// An item of an answered request that stood at `position`, and would have stood at `other` had another model
// answered; one for each other place. Both are places of which the request showed what stood there: were the
// number of places to depend on who answered, the curve would be of that, too.
struct Swap {
  std::int64_t request = 0;
  std::uint64_t person = 0;   // requests of one person are drawn together
  std::int32_t position = 1;  // 1-based
  std::int32_t other = 1;     // another one
  double chance = 1;          // above 0: that a model answered that puts it at `position`
  bool picked = false;
};

struct Harvest {
  Attraction attraction;
  std::size_t requests = 0;  // with swaps
  std::size_t picks = 0;     // of swaps, an item that could have stood in three places counting once a pair
};

inline constexpr std::size_t kFewestSwappedPicks = 50;

// The paper's AllPairs: swaps are summed by their two places, shows and picks weighed by 1 / chance, and the
// curve p is the one that makes the picks of all pairs most likely together. The counts' law is Poisson's
// where the paper has Bernoulli's: both are right on average, and with the pairs' relevances maximised out
// this one is Bradley and Terry's model (Biometrika 1952): of a pair's picks the share n_k p_k / (n_k p_k +
// n_l p_l) falls on k. It is concave in log p, and found by Hunter's iteration (Annals of Statistics 2004).
// As in estimate_attraction a power law comes first (maximum a posteriori), and neighbouring places are held
// to it as if by ten more picks of each pair, so that places without swaps follow it; violations of the order
// are pooled. `steeper` and `flatter` are the ends of each position's 95 % interval, by a bootstrap over
// people (200 draws). Swaps beyond the first `most` positions are left out. Empty with fewer than
// kFewestSwappedPicks.
std::optional<Harvest> harvest_attraction(std::span<const Swap> swaps, std::size_t most,
                                          std::uint64_t seed = 42);

}  // namespace rankloop::ml
