// A set of codes that is asked often: whether a code is in it costs a bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rankloop::ml {

// Takes a bit for each code from the least to the greatest.
class CodeSet {
 public:
  CodeSet() = default;
  explicit CodeSet(std::span<const std::int32_t> ascending) {
    if (ascending.empty()) return;
    first_ = ascending.front();
    bits_.resize(place_of(ascending.back()) / kBits + 1);
    for (const std::int32_t code : ascending) {
      const std::uint32_t place = place_of(code);
      bits_[place / kBits] |= std::uint64_t{1} << (place % kBits);
    }
  }

  bool has(std::int32_t code) const {
    const std::uint32_t place = place_of(code);
    return place / kBits < bits_.size() && (bits_[place / kBits] >> (place % kBits) & 1U) != 0;
  }

 private:
  static constexpr std::uint32_t kBits = 64;

  // Of a code below the first: beyond every other.
  std::uint32_t place_of(std::int32_t code) const {
    return static_cast<std::uint32_t>(code) - static_cast<std::uint32_t>(first_);
  }

  std::int32_t first_ = 0;
  std::vector<std::uint64_t> bits_;
};

}  // namespace rankloop::ml
