// The bytes that tell which of two models placed what in an interleaved list, the same in every store: of
// each merged position from the top, '1' or '2' for the model, then 4 bytes, little-endian, of the float that
// a pick of it is worth to the first one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/ranking.h"
#include "error/result.h"

namespace rankloop::storage {

std::string pack_placements(const std::vector<Placement>& placed);
// kDataLoss: the bytes are damaged.
Result<std::vector<Placement>> unpack_placements(std::string_view packed);

}  // namespace rankloop::storage
