// Mixes a number, or the words of a text one after another, with this process's own random key.
#include "domain/keyed_hash.h"

#include <algorithm>
#include <array>
#include <cstring>

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

// The length goes first, so that a text is told apart from one with zeros behind it.
std::size_t keyed_hash(std::string_view text) noexcept {
  std::size_t hash = keyed_hash(static_cast<std::uint64_t>(text.size()));
  for (std::size_t at = 0; at < text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, std::min(sizeof word, text.size() - at));
    hash = keyed_hash(hash ^ word);
  }
  return hash;
}

}  // namespace rankloop
