// Moves the weights of a linear function by chance.
#include "ml/families/logistic/posterior.h"

#include <cmath>
#include <numbers>

#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

// Box and Muller, "A note on the generation of random normal deviates", 1958.
float standard_normal(RandomNumbers& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.uniform(0, 1)));
  return static_cast<float>(radius * std::cos(2 * std::numbers::pi * random.uniform(0, 1)));
}

}  // namespace

Linear drawn_from_posterior(const Linear& linear, std::uint64_t draw) {
  RandomNumbers random(mix_bits(draw));
  Linear drawn = linear;
  for (LinearInput& input : drawn.inputs) input.weight += input.deviation * standard_normal(random);
  for (std::size_t place = 0; place < drawn.word_deviations.size(); ++place) {
    drawn.word_weights[place] += drawn.word_deviations[place] * standard_normal(random);
  }
  return drawn;
}

}  // namespace rankloop::ml
