// Packs placements into bytes and back.
#include "storage/packed_placements.h"

#include <bit>
#include <cstddef>
#include <cstdint>

namespace rankloop::storage {
namespace {

constexpr std::size_t kBytes = 5;  // of a position

}  // namespace

std::string pack_placements(const std::vector<Placement>& placed) {
  std::string out;
  for (const Placement& one : placed) {
    out.push_back(one.by_second ? '2' : '1');
    const auto bits = std::bit_cast<std::uint32_t>(one.first_credit);
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>((bits >> shift) & 0xff));
  }
  return out;
}

Result<std::vector<Placement>> unpack_placements(std::string_view packed) {
  const Error damaged{ErrorCode::kDataLoss, "What models placed in a stored ranking is damaged"};
  if (packed.size() % kBytes != 0) return damaged;
  std::vector<Placement> placed;
  for (; !packed.empty(); packed.remove_prefix(kBytes)) {
    std::uint32_t bits = 0;
    for (std::size_t byte = 1; byte < kBytes; ++byte)
      bits |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(packed[byte])) << (8 * (byte - 1));
    const Placement one{packed[0] == '2', std::bit_cast<float>(bits)};
    if ((packed[0] != '1' && packed[0] != '2') || !(one.first_credit >= 0 && one.first_credit <= 1))
      return damaged;
    placed.push_back(one);
  }
  return placed;
}

}  // namespace rankloop::storage
