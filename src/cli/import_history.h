// `rankloop import history FILE`: what another system showed and what was picked there.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

// Adds `history` to the command `import`.
void add_import_history(CLI::App& import, CommandResult& result);

}  // namespace rankloop::cli
