// The bytes of a stored ranking, the same in every store: exact, and small enough that three rankings of 210
// items share a page.
//
//   1 byte    format (low four bits: 1) and flags: 0x10 scores fall, 0x20 propensities, 0x40 with a tail,
//             0x80 candidates that were left out
//   varint    number of items
//   varints   item ids, best first (LEB128 of the 64 bits)
//   scores    falling: the first as 4 bytes, then varints of how far the ordered integer of each lies below
//             the one before; otherwise 4 bytes each
//   floats    propensities; left out when all are 1. With 0x20: 4 bytes each. With 0x40: varint h, h floats
//             of 4 bytes, varint n; from the item at h on (counted from 0) all are 1 when n is 0, otherwise
//             the item at i has 1/(n - i), as a uniform draw from n items has it
//   left out  with 0x80: varint n, then the item of each as a varint and the reason as a byte
//   4 bytes   CRC-32 (IEEE 802.3) of everything before
//
// 0x20 is read, and no longer written. Orders by a model, uniform draws and mixtures of both have a tail.
// Numbers of fixed width are little-endian. The ordered integer of a float is its bits, turned so that
// unsigned comparison agrees with the order of the floats; every bit pattern survives the round trip.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.h"
#include "domain/ranking.h"
#include "error/result.h"

namespace rankloop::storage {

struct RankedList {
  std::vector<RankedItem> items;
  std::vector<LeftOut> left_out;
};

// Of what was left out, the items.
std::string pack_ranking(const std::vector<RankedItem>& items, const std::vector<LeftOut>& left_out = {});
// kDataLoss: the bytes are damaged or of an unknown format.
Result<RankedList> unpack_ranking(std::string_view packed);

// A plain list of item ids as varints, without a frame.
std::string pack_ids(const std::vector<ItemId>& ids);
Result<std::vector<ItemId>> unpack_ids(std::string_view packed);

}  // namespace rankloop::storage
