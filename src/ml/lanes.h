// Eight floats in one register, by the compilers' vector extension, so that one text serves every processor:
// a function compiled for AVX2 gets one register each, the portable build splits them.
//
// Functions on them are inlined always and take references: passed by value, their calling convention would
// depend on the target of the translation unit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#define RANKLOOP_AVX2 __attribute__((target("avx2,fma")))
#else
#define RANKLOOP_AVX2
#endif
#define RANKLOOP_INLINE [[gnu::always_inline]] inline

namespace rankloop::ml {

inline constexpr std::size_t kLanes = 8;
using Lanes = float __attribute__((vector_size(32)));
using LaneInts = std::int32_t __attribute__((vector_size(32)));

RANKLOOP_INLINE void load(Lanes& lanes, const float* from) {
  std::memcpy(&lanes, from, sizeof lanes);  // one unaligned load
}
RANKLOOP_INLINE void store(const Lanes& lanes, float* to) {
  std::memcpy(to, &lanes, sizeof lanes);
}
RANKLOOP_INLINE void fill(Lanes& lanes, float value) {
  lanes = Lanes{} + value;
}
RANKLOOP_INLINE void keep_positive(Lanes& lanes) {
  const Lanes zero{};
  lanes = lanes > zero ? lanes : zero;
}

// Whether this processor runs functions marked RANKLOOP_AVX2.
inline bool has_avx2() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

}  // namespace rankloop::ml
