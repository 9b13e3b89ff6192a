// Mixes a number with this process's own random key.
#include "domain/keyed_hash.h"

#include <array>

#include "domain/clock.h"

namespace rankloop {
namespace {

// The finaliser of splitmix64.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

}  // namespace

std::size_t keyed_hash(std::uint64_t number) noexcept {
  static const std::array<std::uint64_t, 2> kKey = {random_bits(), random_bits()};
  return static_cast<std::size_t>(mix(mix(number ^ kKey[0]) + kKey[1]));
}

}  // namespace rankloop
