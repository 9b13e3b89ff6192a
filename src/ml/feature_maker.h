// The raw inputs of a model for one pair of request and item: the domain's features in order, then its
// crosses. The one place outside the scorers that computes them, for training, explanations and scorers of
// whole rows.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "domain/domain.h"

namespace rankloop::ml {

// Immutable; refers to the domain, which must outlive it. Thread-safe.
class FeatureMaker {
 public:
  // `item_columns`: which columns of domain.items the values of an item are, ascending
  // (Catalog::item_columns()); they must hold every column that features and crosses use.
  FeatureMaker(const Domain& domain, std::span<const std::size_t> item_columns, bool crosses = true);

  std::size_t width() const { return width_; }
  // Appends width() numbers; NaN: absent. `request_columns` are all columns of domain.requests.
  void append(std::span<const double> request_columns, std::span<const float> item,
              std::vector<float>& out) const;

 private:
  const Domain& domain_;
  std::size_t width_ = 0;
  std::vector<std::size_t> feature_positions_;  // in the item's values, or the request's column
  std::vector<std::size_t> cross_positions_;    // of the item's side
};

}  // namespace rankloop::ml
