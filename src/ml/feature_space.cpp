// Where a model's inputs come from, and how rows of them are made.
#include "ml/feature_space.h"

#include <cmath>
#include <limits>

#include "ml/feature_value.h"

namespace rankloop::ml {

FeatureSpace::FeatureSpace(const Domain& domain) : domain_(domain) {
  for (std::size_t f = 0; f < domain.features.size(); ++f) {
    const Feature& feature = domain.features[f];
    if (feature.has_words()) {
      codes_.push_back({f, feature.side, feature.column});
      continue;
    }
    for (std::size_t i = 0; i < feature.size; ++i) {
      numbers_.push_back({f, feature.side, feature.column + i, nullptr});
    }
  }
  for (std::size_t c = 0; c < domain.crosses.size(); ++c) {
    numbers_.push_back({domain.features.size() + c, Side::kItem, 0, &domain.crosses[c]});
  }
}

std::string_view FeatureSpace::name(std::size_t feature) const {
  const std::size_t features = domain_.features.size();
  return feature < features ? domain_.features[feature].name : domain_.crosses[feature - features].name;
}

std::string FeatureSpace::input_name(std::size_t number) const {
  const NumberInput& input = numbers_[number];
  std::string text{name(input.feature)};
  if (input.cross == nullptr && domain_.features[input.feature].size > 1) {
    text += '[' + std::to_string(input.column - domain_.features[input.feature].column) + ']';
  }
  return text;
}

std::vector<double> FeatureSpace::by_feature(std::span<const double> inputs, std::size_t width) const {
  std::vector<double> sums(features());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    sums[i < width ? numbers_[i].feature : codes_[i - width].feature] += inputs[i];
  }
  return sums;
}

FeatureMaker::FeatureMaker(const Domain& domain, const Catalog& layout, bool crosses)
    : space_(domain), dictionary_(layout.shared_dictionary()) {
  const std::size_t width = crosses ? space_.numbers().size() : space_.numbers_of_features();
  for (const NumberInput& input : space_.numbers().first(width)) {
    const bool of_item = input.cross != nullptr || input.side == Side::kItem;
    const std::size_t column = input.cross != nullptr ? input.cross->item_column : input.column;
    item_positions_.push_back(of_item ? layout.position_of(column) : 0);
  }
  for (const CodeInput& input : space_.codes()) {
    word_positions_.push_back(input.side == Side::kItem ? layout.word_position_of(input.word) : 0);
  }
}

void FeatureMaker::append_numbers(const ValuesView& request, std::span<const float> item,
                                  std::vector<float>& out) const {
  for (std::size_t i = 0; i < item_positions_.size(); ++i) {
    const NumberInput& input = space_.numbers()[i];
    if (input.cross == nullptr) {
      out.push_back(input.side == Side::kItem ? item[item_positions_[i]]
                                              : feature_value(request.numbers[input.column]));
      continue;
    }
    // Both sides as float32, as the catalog holds them: 150.1 is within a budget of 150.1.
    const auto asked = feature_value(request.numbers[input.cross->request_column]);
    const float of_item = item[item_positions_[i]];
    out.push_back(std::isnan(asked) || std::isnan(of_item)
                      ? std::numeric_limits<float>::quiet_NaN()
                      : feature_value(cross_value(*input.cross, static_cast<double>(asked),
                                                  static_cast<double>(of_item))));
  }
}

LabelledRows FeatureMaker::no_rows() const {
  LabelledRows rows;
  rows.width = width();
  rows.codes.resize(space_.codes().size());
  rows.dictionary = dictionary_;
  return rows;
}

void FeatureMaker::append(const ValuesView& request, const ItemValues& item, LabelledRows& rows) const {
  append_numbers(request, item.numbers, rows.values);
  for (std::size_t c = 0; c < word_positions_.size(); ++c) {
    const CodeInput& input = space_.codes()[c];
    if (input.side == Side::kItem) {
      rows.codes[c].append(item.codes[word_positions_[c]]);
    } else {
      rows.codes[c].append(codes_of(request.words[input.word], *dictionary_));
    }
  }
}

}  // namespace rankloop::ml
