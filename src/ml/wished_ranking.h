// Ranking under wishes: the model's order, boosted, with what is left out left out, and positions filled as
// placing.h says.
#pragma once

#include "ml/rank.h"

namespace rankloop::ml {

// Of a request with wishes. Greedily the own order takes from the top down, at each position, the best that
// may stand there; ways that explore choose among the same. A pin's item is the best one by the model's order
// for which it holds, the one of the smallest id where the model draws; it takes its position with the chance
// 1. A uniform order knows no boosts. Where nothing may stand at a position the bounds give way, and the list
// is as long as it would be without them.
//
// Bounds choose among the best 10,000 items, or ranking.best where that is more; where an order is drawn,
// among all. More than that of words that are full and the bounds give way, too.
//
// The policy keeps the wishes and the positions of pins.
Ranking rank_wished(const CatalogScorer& scorer, const Model& model, const RankRequest& request);

}  // namespace rankloop::ml
