// Thompson sampling by an ensemble: each position takes the best item by one draw of the model's weights from
// their posterior, each draw as likely (Thompson, Biometrika 1933; Lu and Van Roy, "Ensemble sampling",
// NeurIPS 2017). The draws are made once for a model, so under this policy a chance is the share of the draws
// that put the item first: exact. As a Monte Carlo figure of the whole posterior it is off by at most
// 1 / (2 sqrt(draws)), one standard error, which the policy's parameters tell.
#include <algorithm>

#include "ml/explore/exploration.h"

namespace rankloop::ml {

void thompson_chances(const Position& position, const Exploration& /*terms*/, std::span<double> chances) {
  std::ranges::fill(chances, 0);
  const double one = 1 / static_cast<double>(position.slate.draws.size());
  for (const std::vector<float>& scores : position.slate.draws) {
    std::size_t best = 0;  // of equal ones that which the model has further up
    for (std::size_t i = 1; i < position.left.size(); ++i) {
      if (scores[position.left[i]] > scores[position.left[best]]) best = i;
    }
    chances[best] += one;
  }
}

}  // namespace rankloop::ml
