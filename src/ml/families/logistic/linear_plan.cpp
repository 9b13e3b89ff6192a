// Sorts terms into those of requests, of items and of both.
#include "ml/families/logistic/linear_plan.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "ml/feature_value.h"

namespace rankloop::ml {
namespace {

// One tight loop per operation; an absent item value adds nothing.
template <class Operation>
void add_to_block(const float* items, float* sums, Operation operation) {
  for (std::size_t lane = 0; lane < kBlockRows; ++lane) {
    sums[lane] += std::isnan(items[lane]) ? 0.0F : operation(items[lane]);
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
    case CrossOp::kCompare:
      return add_comparison(term, items, sums);
  }
}

}  // namespace

LinearPlan::LinearPlan(const Linear& linear, const Catalog& catalog) : intercept_(linear.intercept) {
  const Domain& domain = catalog.domain();
  for (const LinearInput& input : linear.inputs) {
    if (input.column >= domain.features.size()) {
      const Cross& cross = domain.crosses[input.column - domain.features.size()];
      crosses_.push_back({cross, {input, catalog.position_of(cross.item_column)}});
    } else if (const Feature& feature = domain.features[input.column]; feature.side == Side::kItem) {
      item_inputs_.push_back({input, catalog.position_of(feature.column)});
    } else {
      request_inputs_.push_back({input, feature.column});
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

LinearRequest LinearPlan::request(std::span<const double> request_columns) const {
  LinearRequest request{intercept_, {}};
  for (const Source& source : request_inputs_) {
    request.sum += source.input.term(feature_value(request_columns[source.position]));
  }
  request.crosses.reserve(crosses_.size());
  for (const CrossSource& source : crosses_) {
    const auto operand = feature_value(request_columns[source.cross.request_column]);
    if (std::isnan(operand)) continue;
    const LinearInput& input = source.item.input;
    CrossTerm term{
        source.cross.op, source.cross.comparison, source.item.position, operand, input.weight, input.mean,
        input.bounds};
    if (term.folded()) {
      // weight x (request x item - mean) is linear in the item: products of one column are one term.
      term.operand *= input.weight;
      term.mean *= -input.weight;
      if (!request.crosses.empty() && request.crosses.back().folded() &&
          request.crosses.back().position == term.position) {
        request.crosses.back().operand += term.operand;
        request.crosses.back().mean += term.mean;
        continue;
      }
    }
    request.crosses.push_back(term);
  }
  return request;
}

void LinearPlan::item_half(const CatalogChunk& chunk, std::size_t first, float* sums) const {
  std::fill_n(sums, kBlockRows, 0.0F);
  for (const Source& source : item_inputs_) {
    const LinearInput& input = source.input;
    add_to_block(chunk.column(source.position).data() + first, sums,
                 [&](float item) { return input.weight * (input.bounds.bound(item) - input.mean); });
  }
}

void LinearPlan::add_crosses(const LinearRequest& request, const CatalogChunk& chunk, std::size_t first,
                             float* sums) {
  for (const CrossTerm& term : request.crosses) {
    add_cross(term, chunk.column(term.position).data() + first, sums);
  }
}

}  // namespace rankloop::ml
