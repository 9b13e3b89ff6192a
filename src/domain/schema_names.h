// The names that an input of a schema may have, and those that it has besides.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "domain/schema.h"

namespace rankloop {

inline constexpr std::size_t kUnknownNames = 64;  // that are named of one input
inline constexpr std::size_t kUnknownNameBytes = 80;

// A field, or a derived field, which is computed whatever is given.
bool knows(const Schema& schema, std::string_view name);

// The fields', then the derived fields': what a misspelt name is compared with.
std::vector<std::string_view> names_of(const Schema& schema);

// What a column of a table is called where its name is none that a field can have: its letters, digits and
// underscores, with an underscore for all else, "Miles per Gallon" -> "Miles_per_Gallon"; a name that a field
// can have stays. Empty where nothing is left.
std::string identifier_of(std::string_view name);

// Those of the object's names that the schema does not know, cut to kUnknownNameBytes; the first
// kUnknownNames.
std::vector<std::string> unknown_names(const Schema& schema, const boost::json::object& object,
                                       std::span<const std::string_view> ignored = {});

}  // namespace rankloop
