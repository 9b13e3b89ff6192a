// The bytes of a stored ranking, the same in every store: exact, and small enough that three rankings of 210
// items share a page.
//
//   1 byte    format (low four bits: 1), flags: 0x10 scores fall, 0x20 propensities follow
//   varint    number of items
//   varints   item ids, best first (LEB128 of the 64 bits)
//   scores    falling: the first as 4 bytes, then varints of how much the ordered integer of each lies below the
//             one before; otherwise 4 bytes each
//   floats    propensities, 4 bytes each; left out when all are 1
//   4 bytes   CRC-32 (IEEE 802.3) of everything before
//
// Numbers of fixed width are little-endian. The ordered integer of a float is its bits, turned so that unsigned
// comparison agrees with the order of the floats; every bit pattern survives the round trip.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.h"
#include "domain/ranking.h"
#include "error/result.h"

namespace rankloop::storage {

std::string pack_ranking(const std::vector<RankedItem>& items);
// kDataLoss: the bytes are damaged or of an unknown format.
Result<std::vector<RankedItem>> unpack_ranking(std::string_view packed);

// A plain list of item ids as varints, without a frame.
std::string pack_ids(const std::vector<ItemId>& ids);
Result<std::vector<ItemId>> unpack_ids(std::string_view packed);

}  // namespace rankloop::storage
