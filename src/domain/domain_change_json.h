// What a change of a domain means, as machines read it.
#pragma once

#include <vector>

#include "domain/domain.h"
#include "domain/json_writer.h"

namespace rankloop {

// Whether a store in use takes all of them over.
bool only_adds(const std::vector<DomainChange>& changes);

// [{"what": "...", "means": "...", "additive": true}]
void write_changes(JsonWriter& json, const std::vector<DomainChange>& changes);

}  // namespace rankloop
