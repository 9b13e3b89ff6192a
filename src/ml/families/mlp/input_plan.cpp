// Sorts inputs into those of requests, of items and of both.
#include "ml/families/mlp/input_plan.h"

#include <algorithm>
#include <cmath>

#include "ml/feature_space.h"
#include "ml/feature_value.h"

namespace rankloop::ml {
namespace {

// What cross_value() says of numbers that are there. Kept apart by operation, so that a block is one tight
// loop.
template <class Operation>
void fill_cross(const NetworkInput& input, const float* items, float* out, Operation operation) {
  const auto fill = [&](auto scaled) {
    for (std::size_t lane = 0; lane < kBlockRows; ++lane) {
      out[lane] = std::isnan(items[lane]) ? 0.0F : scaled(operation(items[lane]));
    }
  };
  if (input.bounds.any()) {
    fill([&](float value) { return input.scaled(value); });
  } else {
    fill([&](float value) { return std::isnan(value) ? 0.0F : (value - input.minimum) * input.scale; });
  }
}

void fill_comparison(const NetworkInput& input, Comparison op, float request, const float* items,
                     float* out) {
  const auto fill = [&](auto compare) {
    fill_cross(input, items, out, [&](float item) { return compare(request, item) ? 1.0F : 0.0F; });
  };
  switch (op) {
    case Comparison::kEqual:
      return fill([](float a, float b) { return a == b; });
    case Comparison::kNotEqual:
      return fill([](float a, float b) { return a != b; });
    case Comparison::kLess:
      return fill([](float a, float b) { return a < b; });
    case Comparison::kLessEqual:
      return fill([](float a, float b) { return a <= b; });
    case Comparison::kGreater:
      return fill([](float a, float b) { return a > b; });
    case Comparison::kGreaterEqual:
      return fill([](float a, float b) { return a >= b; });
  }
}

void fill_other_cross(const Cross& cross, const NetworkInput& input, float request, const float* items,
                      float* out) {
  if (std::isnan(request)) {
    std::fill_n(out, kBlockRows, 0.0F);
    return;
  }
  switch (cross.op) {
    case CrossOp::kAnd:
      return fill_cross(input, items, out,
                        [request](float item) { return request != 0 && item != 0 ? 1.0F : 0.0F; });
    case CrossOp::kProduct:
      return fill_cross(input, items, out, [request](float item) { return request * item; });
    case CrossOp::kDifference:
      return fill_cross(input, items, out, [request](float item) { return request - item; });
    case CrossOp::kRatio:
      return fill_cross(input, items, out,
                        [request](float item) { return item == 0 ? 0.0F : request / item; });
    case CrossOp::kDays:
      return fill_cross(input, items, out, [&](float item) {
        return feature_value(cross_value(cross, static_cast<double>(request), static_cast<double>(item)));
      });
    case CrossOp::kCompare:
      return fill_comparison(input, cross.comparison, request, items, out);
    default:
      break;  // compound
  }
}

}  // namespace

InputPlan::InputPlan(const Network& network, const Catalog& catalog)
    : network_(network), words_(network.words, catalog) {
  const FeatureSpace space(catalog.domain());
  for (std::size_t i = 0; i < network.inputs.size(); ++i) {
    const NetworkInput& input = network.inputs[i];
    Source source{input, 0, network.first_weights.data() + i * kHidden};
    const NumberInput& number = space.numbers()[input.column];
    if (number.cross != nullptr && is_compound(number.cross->op)) {
      compounds_.push_back({CompoundCross(*number.cross, catalog), input, source.weights});
    } else if (number.cross != nullptr) {
      const Cross& cross = *number.cross;
      source.position = catalog.position_of(cross.item_column);
      if (cross.op != CrossOp::kProduct || input.bounds.any()) {
        others_.push_back({cross, source});
        continue;
      }
      auto group = std::find_if(products_.begin(), products_.end(),
                                [&](const ProductGroup& g) { return g.position == source.position; });
      if (group == products_.end()) group = products_.insert(group, ProductGroup{source.position, {}});
      group->products.push_back({cross, source});
    } else if (number.side == Side::kItem) {
      source.position = catalog.position_of(number.column);
      item_inputs_.push_back(source);
      item_weights_.insert(item_weights_.end(), source.weights, source.weights + kHidden);
    } else {
      source.position = number.column;
      request_inputs_.push_back(source);
    }
  }
}

RequestTerms InputPlan::request_terms(const Query& query) const {
  const ValuesView& request = query.values;
  RequestTerms terms;
  for (const Source& source : request_inputs_) {
    const float value = source.input.scaled(feature_value(request.numbers[source.position]));
    if (value == 0) continue;
    for (std::size_t h = 0; h < kHidden; ++h) terms.sums[h] += value * source.weights[h];
  }
  for (const std::uint32_t place : words_.places_of(request)) {
    const float* row = network_.word_row(place);
    for (std::size_t h = 0; h < kHidden; ++h) terms.sums[h] += row[h];
  }
  terms.pairs = words_.pairs_of(request);
  if (inputs_of_pairs() == 0) return terms;

  terms.cross_weights.resize((products_.size() + inputs_of_pairs()) * kHidden);
  add_products(request, terms);
  float* weights = terms.cross_weights.data() + products_.size() * kHidden;
  for (const CrossSource& other : others_) {
    weights = std::copy_n(other.item.weights, kHidden, weights);
    terms.other_operands.push_back(feature_value(request.numbers[other.cross.request_column]));
  }
  for (const CompoundSource& compound : compounds_) {
    weights = std::copy_n(compound.weights, kHidden, weights);
    terms.compounds.push_back(compound.cross.asked(query));
  }
  return terms;
}

void InputPlan::add_products(const ValuesView& request, RequestTerms& terms) const {
  float* weights = terms.cross_weights.data();
  float* corrections = weights + inputs_of_pairs() * kHidden;
  for (const ProductGroup& group : products_) {
    for (const CrossSource& product : group.products) {
      const auto asked = feature_value(request.numbers[product.cross.request_column]);
      if (std::isnan(asked)) continue;
      const NetworkInput& input = product.item.input;
      for (std::size_t h = 0; h < kHidden; ++h) {
        const float weight = product.item.weights[h] * input.scale;
        weights[h] += weight * asked;
        terms.sums[h] -= weight * input.minimum;
        corrections[h] += weight * input.minimum;
      }
    }
    weights += kHidden;
    corrections += kHidden;
  }
}

void InputPlan::item_half(const BlockKernel& kernel, const CatalogChunk& chunk, std::size_t first,
                          std::vector<float>& scratch, HiddenBlock& out) const {
  scratch.resize(item_inputs_.size() * kBlockRows);
  float* scaled = scratch.data();
  for (const Source& source : item_inputs_) {
    const float* values = chunk.column(source.position).data() + first;
    for (std::size_t lane = 0; lane < kBlockRows; ++lane) scaled[lane] = source.input.scaled(values[lane]);
    scaled += kBlockRows;
  }
  kernel.first_layer(scratch.data(), item_inputs_.size(), item_weights_.data(), network_.first_bias.data(),
                     out);
  if (!words_.any_of_items()) return;
  words_.each_place(
      chunk, first, std::min(first + kBlockRows, chunk.rows),
      [&](std::size_t row, std::uint32_t place) { add_word(network_, place, row - first, out); });
}

void InputPlan::add_pairs(const RequestTerms& terms, const CatalogChunk& chunk, std::size_t first,
                          HiddenBlock& out) const {
  const std::size_t rows = std::min(kBlockRows, chunk.rows - first);
  for (const AskedPairs& pairs : terms.pairs) {
    for (std::size_t lane = 0; lane < rows; ++lane)
      add_word(network_, pairs.place(chunk, first + lane), lane, out);
  }
}

CrossTerms InputPlan::cross_terms(const RequestTerms& terms, const CatalogChunk& chunk, std::size_t first,
                                  std::vector<float>& scratch) const {
  if (terms.cross_weights.empty()) return {};
  std::size_t count = inputs_of_pairs();
  scratch.resize((count + products_.size()) * kBlockRows);
  float* inputs = scratch.data();
  float* absent = inputs + count * kBlockRows;
  bool any_absent = false;
  for (const ProductGroup& group : products_) {
    const float* values = chunk.column(group.position).data() + first;
    for (std::size_t lane = 0; lane < kBlockRows; ++lane) {
      const bool missing = std::isnan(values[lane]);
      inputs[lane] = missing ? 0.0F : values[lane];
      absent[lane] = missing ? 1.0F : 0.0F;
      any_absent |= missing;
    }
    inputs += kBlockRows;
    absent += kBlockRows;
  }
  for (std::size_t i = 0; i < others_.size(); ++i) {
    const CrossSource& other = others_[i];
    fill_other_cross(other.cross, other.item.input, terms.other_operands[i],
                     chunk.column(other.item.position).data() + first, inputs);
    inputs += kBlockRows;
  }
  for (std::size_t i = 0; i < compounds_.size(); ++i) {
    const auto values = std::span(inputs, kBlockRows).first(std::min(kBlockRows, chunk.rows - first));
    std::fill_n(inputs, kBlockRows, 0.0F);
    compounds_[i].cross.fill(terms.compounds[i], chunk, first, values);
    for (float& value : values) value = compounds_[i].input.scaled(value);
    inputs += kBlockRows;
  }
  if (any_absent) count += products_.size();
  return {scratch.data(), terms.cross_weights.data(), count};
}

}  // namespace rankloop::ml
