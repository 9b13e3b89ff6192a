// [session] of a domain file: which field of a request says to which session it belongs.
#pragma once

#include <string>
#include <vector>

#include "domain/schema_side.h"
#include "domain/toml_table.h"

namespace rankloop {

// The name of a declared string or category of `requests`; empty, with faults, where it is none that can name
// a session. `stored` are the fields that are kept of persons.
std::string read_session_key(TomlTable& table, const SchemaSide& requests,
                             const std::vector<std::string>& stored);

}  // namespace rankloop
