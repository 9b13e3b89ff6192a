// Sorts terms into those of requests, of items and of both.
#include "ml/families/logistic/linear_plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "ml/feature_space.h"
#include "ml/feature_value.h"

namespace rankloop::ml {
namespace {

// One tight loop per operation; an absent item value adds nothing, unless told.
template <class Operation>
void add_to_block(const float* items, float* sums, Operation operation, float absent = 0) {
  for (std::size_t lane = 0; lane < kBlockRows; ++lane) {
    sums[lane] += std::isnan(items[lane]) ? absent : operation(items[lane]);
  }
}

// The same of a value that the cross makes of the item's.
template <class Value>
void add_value(const CrossTerm& term, const float* items, float* sums, Value value) {
  if (term.bounds.any()) {
    add_to_block(items, sums, [&](float item) { return term.of(value(item)); });
  } else {
    add_to_block(items, sums, [&](float item) { return term.weight * (value(item) - term.mean); });
  }
}

void add_comparison(const CrossTerm& term, const float* items, float* sums) {
  const float holds = term.of(1);
  const float fails = term.of(0);
  const auto add = [&](auto compare) {
    add_to_block(items, sums, [&](float item) { return compare(term.operand, item) ? holds : fails; });
  };
  switch (term.comparison) {
    case Comparison::kEqual:
      return add([](float a, float b) { return a == b; });
    case Comparison::kNotEqual:
      return add([](float a, float b) { return a != b; });
    case Comparison::kLess:
      return add([](float a, float b) { return a < b; });
    case Comparison::kLessEqual:
      return add([](float a, float b) { return a <= b; });
    case Comparison::kGreater:
      return add([](float a, float b) { return a > b; });
    case Comparison::kGreaterEqual:
      return add([](float a, float b) { return a >= b; });
  }
}

void add_cross(const CrossTerm& term, const float* items, float* sums) {
  switch (term.op) {
    case CrossOp::kProduct:
      if (!term.folded())
        return add_value(term, items, sums, [&](float item) { return term.operand * item; });
      return add_to_block(items, sums, [&](float item) { return term.operand * item + term.mean; });
    case CrossOp::kDifference:
      return add_value(term, items, sums, [&](float item) { return term.operand - item; });
    case CrossOp::kRatio:
      return add_value(term, items, sums, [&](float item) { return item == 0 ? 0.0F : term.operand / item; });
    case CrossOp::kAnd: {
      const float none = term.of(0);
      const float both = term.operand == 0 ? none : term.of(1);
      return add_to_block(items, sums, [&](float item) { return item == 0 ? none : both; });
    }
    case CrossOp::kDays:
      return add_value(term, items, sums, [&](float item) {
        return feature_value(term.asked_days - static_cast<double>(item) * term.item_unit);
      });
    case CrossOp::kCompare:
      return add_comparison(term, items, sums);
    default:
      break;  // compound
  }
}

}  // namespace

LinearPlan::LinearPlan(const Linear& linear, const Catalog& catalog)
    : linear_(linear), words_(linear.words, catalog) {
  const FeatureSpace space(catalog.domain());
  for (const LinearInput& input : linear.inputs) {
    const NumberInput& number = space.numbers()[input.column];
    if (number.cross != nullptr && is_compound(number.cross->op)) {
      compounds_.push_back({CompoundCross(*number.cross, catalog), input});
    } else if (number.cross != nullptr) {
      crosses_.push_back({*number.cross, {input, catalog.position_of(number.cross->item_column)}});
    } else if (number.side == Side::kItem) {
      item_inputs_.push_back({input, catalog.position_of(number.column)});
    } else {
      request_inputs_.push_back({input, number.column});
    }
  }
  std::stable_sort(crosses_.begin(), crosses_.end(), [](const CrossSource& a, const CrossSource& b) {
    const auto key = [](const CrossSource& c) {
      const bool folds = c.cross.op == CrossOp::kProduct && !c.item.input.bounds.any();
      return std::tuple(!folds, c.item.position);
    };
    return key(a) < key(b);
  });
}

LinearRequest LinearPlan::request(const Query& query) const {
  const ValuesView& request = query.values;
  LinearRequest terms{linear_.intercept, {}};
  for (const std::uint32_t place : words_.places_of(request)) terms.sum += linear_.word_weights[place];
  for (const Source& source : request_inputs_) {
    terms.sum += source.input.term(feature_value(request.numbers[source.position]));
  }
  terms.crosses.reserve(crosses_.size());
  for (const CrossSource& source : crosses_) {
    const auto operand = feature_value(request.numbers[source.cross.request_column]);
    if (std::isnan(operand)) continue;
    const LinearInput& input = source.item.input;
    CrossTerm term{
        source.cross.op, source.cross.comparison, source.item.position, operand, input.weight, input.mean,
        input.bounds};
    term.asked_days = static_cast<double>(operand) * source.cross.request_unit;
    term.item_unit = source.cross.item_unit;
    if (term.folded()) {
      // weight x (request x item - mean) is linear in the item: products of one column are one term.
      term.operand *= input.weight;
      term.mean *= -input.weight;
      if (!terms.crosses.empty() && terms.crosses.back().folded() &&
          terms.crosses.back().position == term.position) {
        terms.crosses.back().operand += term.operand;
        terms.crosses.back().mean += term.mean;
        continue;
      }
    }
    terms.crosses.push_back(term);
  }
  terms.compounds.reserve(compounds_.size());
  for (const CompoundSource& source : compounds_) {
    CompoundCross::Asked asked = source.cross.asked(query);
    if (!asked.absent) terms.compounds.push_back({&source.cross, std::move(asked), source.input});
  }
  terms.pairs = words_.pairs_of(request);
  return terms;
}

void LinearPlan::item_half(const CatalogChunk& chunk, std::size_t first, float* sums) const {
  std::fill_n(sums, kBlockRows, 0.0F);
  for (const Source& source : item_inputs_) {
    const LinearInput& input = source.input;
    add_to_block(
        chunk.column(source.position).data() + first, sums,
        [&](float item) { return input.weight * (input.bounds.bound(item) - input.mean); }, input.absent);
  }
  if (!words_.any_of_items()) return;
  words_.each_place(
      chunk, first, std::min(first + kBlockRows, chunk.rows),
      [&](std::size_t row, std::uint32_t place) { sums[row - first] += linear_.word_weights[place]; });
}

void LinearPlan::add_crosses(const LinearRequest& request, const CatalogChunk& chunk, std::size_t first,
                             float* sums) const {
  for (const CrossTerm& term : request.crosses) {
    add_cross(term, chunk.column(term.position).data() + first, sums);
  }
  std::array<float, kBlockRows> values;
  const auto filled = std::span(values).first(std::min(kBlockRows, chunk.rows - first));
  for (const CompoundTerm& term : request.compounds) {
    term.cross->fill(term.asked, chunk, first, filled);
    const LinearInput input = term.input;  // which sums cannot overlap
    for (std::size_t lane = 0; lane < filled.size(); ++lane) sums[lane] += input.term(filled[lane]);
  }
  for (const AskedPairs& pairs : request.pairs) {
    for (std::size_t lane = 0; lane < filled.size(); ++lane)
      sums[lane] += linear_.word_weights[pairs.place(chunk, first + lane)];
  }
}

}  // namespace rankloop::ml
