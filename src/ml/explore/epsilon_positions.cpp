// With a small chance a position takes any item of what is left, each as likely; otherwise the best of it.
#include <algorithm>

#include "ml/explore/exploration.h"

namespace rankloop::ml {

void epsilon_chances(const Position& position, const Exploration& terms, std::span<double> chances) {
  std::ranges::fill(chances, terms.share / static_cast<double>(position.left.size()));
  chances.front() += 1 - terms.share;
}

}  // namespace rankloop::ml
