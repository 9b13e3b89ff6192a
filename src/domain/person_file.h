// [person] of a domain file: which fields of a request may be stored of a person, so that later requests of
// this person need not say them.
#pragma once

#include <string>
#include <vector>

#include "domain/schema.h"
#include "domain/schema_side.h"
#include "domain/toml_table.h"

namespace rankloop {

// The names that the table lists, each a declared field of `requests`. Faults are added to the table's own.
std::vector<std::string> read_person_fields(TomlTable& table, const SchemaSide& requests);

// What may be stored of a person: these fields as a request declares them, but all of them optional and
// without defaults, and the request's checks that speak of nothing else.
Schema person_schema(const Schema& requests, const std::vector<std::string>& names);

}  // namespace rankloop
