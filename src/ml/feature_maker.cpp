// Computes features and crosses of one pair.
#include "ml/feature_maker.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ml/feature_value.h"

namespace rankloop::ml {

FeatureMaker::FeatureMaker(const Domain& domain, std::span<const std::size_t> item_columns, bool crosses)
    : domain_(domain), width_(domain.features.size() + (crosses ? domain.crosses.size() : 0)) {
  const auto position_of = [&](std::size_t column) {
    return static_cast<std::size_t>(std::lower_bound(item_columns.begin(), item_columns.end(), column) -
                                    item_columns.begin());
  };
  for (const Feature& feature : domain.features) {
    feature_positions_.push_back(feature.side == Side::kItem ? position_of(feature.column) : feature.column);
  }
  if (!crosses) return;
  for (const Cross& cross : domain.crosses) cross_positions_.push_back(position_of(cross.item_column));
}

void FeatureMaker::append(std::span<const double> request_columns, std::span<const float> item,
                          std::vector<float>& out) const {
  for (std::size_t f = 0; f < feature_positions_.size(); ++f) {
    const std::size_t at = feature_positions_[f];
    out.push_back(domain_.features[f].side == Side::kItem ? item[at] : feature_value(request_columns[at]));
  }
  for (std::size_t c = 0; c < cross_positions_.size(); ++c) {
    const Cross& cross = domain_.crosses[c];
    // Both sides as float32, as the catalog holds them: 150.1 is within a budget of 150.1.
    const auto request = feature_value(request_columns[cross.request_column]);
    const float of_item = item[cross_positions_[c]];
    out.push_back(
        std::isnan(request) || std::isnan(of_item)
            ? std::numeric_limits<float>::quiet_NaN()
            : feature_value(cross_value(cross, static_cast<double>(request), static_cast<double>(of_item))));
  }
}

}  // namespace rankloop::ml
