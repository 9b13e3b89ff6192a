// What a cross of two columns computes.
#include "domain/domain.h"

namespace rankloop {

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
  }
  return 0;
}

}  // namespace rankloop
