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
  numbers_of_features_ = numbers_.size();
  for (std::size_t c = 0; c < domain.crosses.size(); ++c) {
    const Cross& cross = domain.crosses[c];
    const std::size_t feature = domain.features.size() + c;
    if (cross.op == CrossOp::kPair)
      codes_.push_back({feature, Side::kItem, cross.item_column, &cross});
    else
      numbers_.push_back({feature, Side::kItem, 0, &cross});
  }
}

Words pair_of(const Words& request, std::optional<std::string_view> item) {
  if (!request || request->empty() || !item) return std::nullopt;
  return std::vector{request->front() + kBetweenPair + std::string{*item}};
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
    : space_(domain),
      dictionary_(layout.shared_dictionary()),
      text_dictionary_(layout.shared_text_dictionary()) {
  const std::size_t width = crosses ? space_.numbers().size() : space_.numbers_of_features();
  for (const NumberInput& input : space_.numbers().first(width)) {
    const bool compound = input.cross != nullptr && is_compound(input.cross->op);
    if (compound) compounds_.emplace_back(*input.cross, layout);
    const bool of_item = input.cross != nullptr || input.side == Side::kItem;
    const std::size_t column = input.cross != nullptr ? input.cross->item_column : input.column;
    item_positions_.push_back(of_item && !compound ? layout.position_of(column) : 0);
  }
  for (const CodeInput& input : space_.codes()) {
    word_positions_.push_back(input.side == Side::kItem ? layout.word_position_of(input.word) : 0);
  }
}

FeatureMaker::Asked FeatureMaker::asked(const Query& request) const {
  Asked asked{request.values, {}};
  for (const CompoundCross& cross : compounds_) asked.crosses.push_back(cross.asked(request));
  return asked;
}

FeatureMaker::Asked FeatureMaker::asked(const Query& request, const Corpora& corpora) const {
  Asked asked{request.values, {}};
  for (const CompoundCross& cross : compounds_) asked.crosses.push_back(cross.asked(request, corpora));
  return asked;
}

void FeatureMaker::know(Asked& asked, std::span<const float> histories) const {
  for (std::size_t c = 0; c < compounds_.size(); ++c) {
    const Cross& cross = compounds_[c].cross();
    if (cross.op != CrossOp::kHistory) continue;
    asked.crosses[c].known =
        histories.empty() ? std::numeric_limits<float>::quiet_NaN() : histories[cross.history];
  }
}

template <class ItemNumber, class Compound>
void FeatureMaker::append_row(const Asked& asked, ItemNumber item, Compound compound,
                              std::vector<float>& out) const {
  std::size_t compounds = 0;
  for (std::size_t i = 0; i < item_positions_.size(); ++i) {
    const NumberInput& input = space_.numbers()[i];
    if (input.cross == nullptr) {
      out.push_back(input.side == Side::kItem ? item(item_positions_[i])
                                              : feature_value(asked.values.numbers[input.column]));
      continue;
    }
    if (is_compound(input.cross->op)) {
      out.push_back(compound(compounds++));
      continue;
    }
    // Both sides as float32, as the catalog holds them: 150.1 is within a budget of 150.1.
    const auto wanted = feature_value(asked.values.numbers[input.cross->request_column]);
    const float offered = item(item_positions_[i]);
    out.push_back(std::isnan(wanted) || std::isnan(offered)
                      ? std::numeric_limits<float>::quiet_NaN()
                      : feature_value(cross_value(*input.cross, static_cast<double>(wanted),
                                                  static_cast<double>(offered))));
  }
}

// Words are looked up after the item's have got their codes.
void FeatureMaker::append_numbers(const ValuesView& request, const ItemValues& item,
                                  std::vector<float>& out) const {
  append_numbers(asked(Query{request}), item, out);
}

void FeatureMaker::append_numbers(const Asked& asked, const ItemValues& item, std::vector<float>& out) const {
  append_row(
      asked, [&](std::size_t position) { return item.numbers[position]; },
      [&](std::size_t cross) { return compounds_[cross].value(asked.crosses[cross], item); }, out);
}

void FeatureMaker::append_numbers(const Asked& asked, const CatalogChunk& chunk, std::size_t row,
                                  std::vector<float>& out) const {
  append_row(
      asked, [&](std::size_t position) { return chunk.column(position)[row]; },
      [&](std::size_t cross) {
        float value = 0;
        compounds_[cross].fill(asked.crosses[cross], chunk, row, {&value, 1});
        return value;
      },
      out);
}

LabelledRows FeatureMaker::no_rows() const {
  LabelledRows rows;
  rows.width = width();
  rows.codes.resize(space_.codes().size());
  rows.dictionary = dictionary_;
  return rows;
}

void FeatureMaker::append(const ValuesView& request, const ItemValues& item, LabelledRows& rows) const {
  append(asked(Query{request}), item, rows);
}

void FeatureMaker::append(const Asked& asked, const ItemValues& item, LabelledRows& rows) const {
  append_numbers(asked, item, rows.values);
  const auto requests = asked.values.words;
  for (std::size_t c = 0; c < word_positions_.size(); ++c) {
    const CodeInput& input = space_.codes()[c];
    const std::vector<std::int32_t>* items = nullptr;
    if (input.side == Side::kItem) items = &item.codes[word_positions_[c]];
    if (input.pair != nullptr) {
      rows.codes[c].append(
          codes_of(pair_of(requests[input.pair->request_column], word_of(*items)), *dictionary_));
    } else if (items != nullptr) {
      rows.codes[c].append(*items);
    } else {
      rows.codes[c].append(codes_of(requests[input.word], *dictionary_));
    }
  }
}

// Of a column of one word a row.
std::optional<std::string_view> FeatureMaker::word_of(std::span<const std::int32_t> codes) const {
  if (codes.empty() || codes.front() == kAbsentCode) return std::nullopt;
  return dictionary_->word(codes.front());
}

}  // namespace rankloop::ml
