// What the traffic generator needs of the server's answers, read without building a JSON document: an answer
// is scanned once for the few members that matter.
//
// A quote inside a JSON string is always escaped, so a quoted name followed by a colon is a member's name.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "domain/ids.h"

namespace rankloop::simulate {

// The value of the first member with this name, when it is a string without escapes. The view is into `json`.
std::optional<std::string_view> string_member(std::string_view json, std::string_view name);

// The location_id of each result, in order. False when one is no integer.
bool read_location_ids(std::string_view json, std::vector<ItemId>& ids);

}  // namespace rankloop::simulate
