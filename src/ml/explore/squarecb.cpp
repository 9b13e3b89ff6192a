// Inverse gap weighting of the first position that explores: the further an item's probability lies below the
// best one's, the seldomer it is shown (Foster and Rakhlin, "Beyond UCB: optimal and efficient contextual
// bandits with regression oracles", ICML 2020; Abe and Long, ICML 1999). The rest stands in the model's
// order.
#include <algorithm>

#include "ml/explore/exploration.h"

namespace rankloop::ml {

void squarecb_chances(const Position& position, const Exploration& terms, std::span<double> chances) {
  std::ranges::fill(chances, 0);
  chances.front() = 1;
  if (position.index != terms.safe_top) return;
  const auto items = static_cast<double>(chances.size());
  const double best = position.slate.probability[position.left.front()];
  for (std::size_t i = 1; i < chances.size(); ++i) {
    chances[i] = 1 / (items + terms.gamma * (best - position.slate.probability[position.left[i]]));
    chances.front() -= chances[i];
  }
}

}  // namespace rankloop::ml
