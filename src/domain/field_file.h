// One [[...field]] table of a domain file.
#pragma once

#include <optional>
#include <string>

#include "domain/field_value.h"
#include "domain/schema.h"
#include "domain/toml_table.h"

namespace rankloop {

inline constexpr double kFirstDay = -719'162;  // 0001-01-01, in days since 1970-01-01
inline constexpr double kLastDay = 2'932'896;  // 9999-12-31

// The field; none, with faults at their places, when something is wrong with it.
std::optional<Field> read_field_table(TomlTable& table, const std::string& name);

}  // namespace rankloop
