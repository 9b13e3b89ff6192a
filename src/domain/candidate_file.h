// The [[candidate.field]] and [[candidate.derived]] tables of a domain file: what a request may say of the
// items that it asks to be ranked.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "domain/schema_side.h"
#include "domain/toml_table.h"

namespace rankloop {

struct CandidateSide {
  std::vector<Field> given;  // what a request may say, all of it optional
  SchemaSide items;          // the item's side with it; without checks, which are of what is stored
};

// Of a file without such tables: `items` as they are.
CandidateSide without_candidate_fields(const SchemaSide& items);

// `items`: read before; `reserved`: as for these.
CandidateSide read_candidate_side(TomlTable& table, const SchemaSide& items,
                                  std::span<const std::string> reserved, FileFaults& faults);

}  // namespace rankloop
