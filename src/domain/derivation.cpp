// Computes the derived fields of a record.
#include "domain/derivation.h"

#include <algorithm>
#include <cmath>

namespace rankloop {
namespace {

double combine(double left, double right, Derivation how) {
  if (std::isnan(left) || std::isnan(right)) return kAbsent;
  switch (how) {
    case Derivation::kSum:
      return left + right;
    case Derivation::kDifference:
      return left - right;
    case Derivation::kProduct:
      return left * right;
    case Derivation::kRatio:
      return right == 0 ? 0 : left / right;
    case Derivation::kLarger:
      return std::max(left, right);
    default:
      return std::min(left, right);
  }
}

}  // namespace

bool is_of_list(Derivation how) {
  return how <= Derivation::kLength;
}

double summary_of(const ListSummary& list, Derivation how) {
  switch (how) {
    case Derivation::kMean:
      return list.mean;
    case Derivation::kStddev:
      return list.stddev;
    case Derivation::kMin:
      return list.min;
    case Derivation::kMax:
      return list.max;
    default:
      return list.length;
  }
}

double derived_number(const DerivedField& derived, double left, double right) {
  if (derived.how != Derivation::kEquals) return combine(left, right, derived.how);
  return std::isnan(left) ? kAbsent : left == derived.constant;
}

}  // namespace rankloop
