// Takes lists aside and measures the loss on them.
#include "ml/families/gbdt/held_out.h"

#include <utility>

#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kOneOf = 10;  // with a single fold: the part of the lists that is in it

std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  RandomNumbers random(seed);
  for (std::size_t i = count; i > 1; --i) {
    std::swap(order[i - 1], order[random.below(static_cast<std::uint32_t>(i))]);
  }
  return order;
}

}  // namespace

HeldOut::HeldOut(const LabelledRows& rows, const LabelledRows& validation, std::size_t folds,
                 std::uint64_t seed) {
  for (const LabelledRows* part : {&rows, &validation}) {
    for (std::size_t r = 0; r < part->rows(); ++r) {
      if (r == 0 || part->requests.empty() || part->requests[r] != part->requests[r - 1]) {
        begins_.push_back(labels_.size());
      }
      labels_.push_back(part->labels[r]);
      weights_.push_back(part->weight(r));
    }
    if (part == &rows) training_lists_ = begins_.size();
  }
  folds_.assign(begins_.size(), kNobody);
  begins_.push_back(labels_.size());
  if (folds == 0) return;
  const std::size_t parts = folds == 1 ? kOneOf : folds;
  // Lists with a pick are dealt by themselves: what has none says little.
  std::size_t with_pick = 0;
  std::size_t without = 0;
  for (const std::size_t list : shuffled(folds_.size(), seed)) {
    bool picked = false;
    for (std::size_t r = first(list); r < last(list); ++r) picked |= label(r) * weight(r) > 0;
    const std::size_t fold = (picked ? with_pick++ : without++) % parts;
    if (fold < folds) folds_[list] = fold;
  }
}

}  // namespace rankloop::ml
