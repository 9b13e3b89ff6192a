// Reads [[feedback]] of a domain file.
#pragma once

#include <optional>
#include <vector>

#include "domain/feedback.h"
#include "domain/toml_table.h"

namespace rankloop {

// The kinds that the file declares, and those that every domain has. Faults are added to the tables' own.
std::vector<FeedbackRule> read_feedback_rules(std::vector<TomlTable> tables);

}  // namespace rankloop
