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

// Their names.
std::array<std::string_view, 2> envelope_names();

}  // namespace rankloop::app
