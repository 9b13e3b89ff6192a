// The logistic function on eight floats, the same bits wherever the network is scored or trained.
#pragma once

#include "ml/lanes.h"

namespace rankloop::ml {

// e^x for |x| <= 87 by range reduction to |r| <= ln(2) / 2 and a Taylor polynomial of degree 7 (relative
// error below 1e-7), then 2^n put into the exponent.
RANKLOOP_INLINE void exponential(Lanes& x) {
  const Lanes zero{};
  const Lanes half = zero + 0.5F;
  const Lanes turns = x * 1.44269504F + (x > zero ? half : -half);
  const LaneInts n = __builtin_convertvector(turns, LaneInts);
  const Lanes whole = __builtin_convertvector(n, Lanes);
  // ln(2) in two parts, the first of few bits, so that the difference is exact.
  const Lanes r = x - whole * 0.693359375F - whole * -2.12194440e-4F;
  Lanes p = r * (1.0F / 5040) + (1.0F / 720);
  p = p * r + (1.0F / 120);
  p = p * r + (1.0F / 24);
  p = p * r + (1.0F / 6);
  p = p * r + 0.5F;
  p = p * r + 1.0F;
  p = p * r + 1.0F;
  const LaneInts exponent = (n + 127) << 23;
  x = p * reinterpret_cast<Lanes>(exponent);
}

RANKLOOP_INLINE void sigmoid(Lanes& x) {
  const Lanes limit = Lanes{} + 87.0F;
  Lanes e = x > limit ? limit : x;
  e = e < -limit ? limit : -e;
  exponential(e);
  x = 1.0F / (1.0F + e);
}

}  // namespace rankloop::ml
