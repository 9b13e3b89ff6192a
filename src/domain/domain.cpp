// What a cross of two columns computes.
#include "domain/domain.h"

#include <algorithm>
#include <array>

namespace rankloop {
namespace {

constexpr std::array<std::string_view, 17> kNames = {
    "and",      "product", "difference", "ratio",    "days",        "same",  "contains", "overlap", "jaccard",
    "coverage", "dot",     "cosine",     "distance", "distance_km", "match", "found",    "pair"};
// Comparisons have none.
constexpr auto kCompare = static_cast<std::size_t>(CrossOp::kCompare);

}  // namespace

std::span<const std::string_view> cross_op_names() {
  return kNames;
}

std::optional<CrossOp> parse_cross_op(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<CrossOp>(i < kCompare ? i : i + 1);
  }
  return std::nullopt;
}

std::string_view name_of(CrossOp op) {
  const auto number = static_cast<std::size_t>(op);
  if (number == kCompare) return "comparison";
  if (op == CrossOp::kHistory) return "history";
  return kNames[number < kCompare ? number : number - 1];
}

double cross_value(const Cross& cross, double request, double item) {
  switch (cross.op) {
    case CrossOp::kAnd:
      return request != 0 && item != 0 ? 1 : 0;
    case CrossOp::kProduct:
      return request * item;
    case CrossOp::kDifference:
      return request - item;
    case CrossOp::kRatio:
      return item == 0 ? 0 : request / item;
    case CrossOp::kCompare:
      return holds(request, cross.comparison, item) ? 1 : 0;
    case CrossOp::kDays:
      return request * cross.request_unit - item * cross.item_unit;
    default:  // of more than one number of each side
      return 0;
  }
}

const Wish* Domain::wish(std::string_view wanted) const {
  const auto found = std::ranges::find(wishes, wanted, &Wish::name);
  return found == wishes.end() ? nullptr : &*found;
}

bool is_of_words(CrossOp op) {
  return (op >= CrossOp::kSame && op <= CrossOp::kCoverage) || op == CrossOp::kPair;
}

bool is_of_vectors(CrossOp op) {
  return op >= CrossOp::kDot && op <= CrossOp::kDistanceKm;
}

bool is_of_texts(CrossOp op) {
  return op == CrossOp::kMatch || op == CrossOp::kFound;
}

}  // namespace rankloop
