// A factorisation in an artefact.
#pragma once

#include <string>

#include "ml/artefact.h"
#include "ml/families/factorization/factors.h"

namespace rankloop::ml {

// 1: words of a set count whole. 2: they are evened.
inline constexpr std::uint32_t kFactorFormat = 2;
inline constexpr std::size_t kMostFactors = 64;
// Of the vectors of items, and again of people, with their keys: what an artefact spends on either. The most
// frequent ones have a vector.
inline constexpr std::size_t kTableBytes = 12U << 20;
constexpr std::size_t most_keys(std::size_t factors) {
  return kTableBytes / ((factors + 3) * sizeof(float));
}

constexpr std::uint32_t format_of(const Factorisation& of) {
  return of.evened ? kFactorFormat : 1;
}

std::string to_bytes(const Factorisation& of);
// kDataLoss: what the artefact holds is no factorisation of this domain, of finite numbers.
Result<Factorisation> factorisation_of(const Artefact& artefact, const Domain& domain);

}  // namespace rankloop::ml
