// One [[...derived]] table of a domain file.
#pragma once

#include <optional>
#include <string>

#include "domain/schema.h"
#include "domain/schema_side.h"
#include "domain/toml_table.h"

namespace rankloop {

struct DerivedTable {
  DerivedField field;
  KnownName known;  // broken where an operand is
};

// The derived field of this name, from what stands above it on its side; none, with faults at their places,
// when something is wrong with it.
std::optional<DerivedTable> read_derived_table(TomlTable& table, const std::string& name,
                                               const SchemaSide& above, FileFaults& faults);

}  // namespace rankloop
