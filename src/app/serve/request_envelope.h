// What a request's body has beside the fields of the domain: declared once, for what reads it and for what
// describes it.
#pragma once

#include <array>
#include <string_view>

#include "domain/declared_inputs.h"

namespace rankloop::app {

extern const TextInput kUserKey;

// `best`: the most items that a ranking keeps.
ItemsInput candidates_input(int best, ItemIdType type);

// What is wished of its list (domain/wish_json.h).
inline constexpr std::string_view kWishes = "wishes";

// Their names.
std::array<std::string_view, 3> envelope_names();

}  // namespace rankloop::app
