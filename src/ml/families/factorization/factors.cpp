// Sums of vectors.
#include "ml/families/factorization/factors.h"

#include "ml/feature_space.h"

namespace rankloop::ml {

FactorSides::FactorSides(const Factorisation& of, const Domain& domain) {
  const FeatureSpace space(domain);
  for (const FactorInput& input : of.inputs)
    input_is_items.push_back(space.numbers()[input.column].side == Side::kItem ? 1 : 0);
  for (const CodeInput& code : space.codes()) {
    if (code.pair != nullptr)
      column_is_items.push_back(kNeither);
    else
      column_is_items.push_back(code.side == Side::kItem ? 1 : 0);
  }
}

void FactorSum::clear() {
  std::ranges::fill(sum_, 0.0F);
  squares_ = 0;
}

void FactorSum::add(std::span<const float> vector, float value) {
  for (std::size_t f = 0; f < sum_.size(); ++f) {
    const float part = value * vector[f];
    sum_[f] += part;
    squares_ += part * part;
  }
}

float FactorSum::among() const {
  return (with(sum_) - squares_) / 2;
}

float FactorSum::with(std::span<const float> other) const {
  float product = 0;
  for (std::size_t f = 0; f < sum_.size(); ++f) product += sum_[f] * other[f];
  return product;
}

}  // namespace rankloop::ml
