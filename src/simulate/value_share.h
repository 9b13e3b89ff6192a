// Value share: how much of what the catalog could have given its guests they got. For one guest it is the
// true score of the pick (0 for none) over the best true score in the catalog; the figure is the mean over
// guests for whom anything in the catalog scores above 0.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "simulate/choice.h"

namespace rankloop::simulate {

class ValueShare {
 public:
  // A guest with nothing to find (best 0) is left out.
  void add(double picked, double best) {
    if (best <= 0) return;
    sum_ += picked / best;
    ++guests_;
  }
  double mean() const { return guests_ == 0 ? 0 : sum_ / static_cast<double>(guests_); }
  std::int64_t guests() const { return guests_; }

 private:
  double sum_ = 0;
  std::int64_t guests_ = 0;
};

// What each guest is shown: indexes of places, best first.
using Show = std::function<std::vector<std::size_t>(const Guest&, Random&)>;

// The value share that guests of a profile reach on what they are shown, from the journey `first` on.
// Deterministic by seed.
ValueShare measure_value_share(std::span<const Place> places, const Profile& profile,
                               const Choosing& choosing, std::uint64_t guests, std::uint64_t seed,
                               const Show& show, std::uint64_t first = 0);

Show show_random(std::span<const Place> places, std::size_t limit);  // a random order
Show show_oracle(std::span<const Place> places, std::size_t limit);  // by true score

}  // namespace rankloop::simulate
