// The command experiments: looks at experiments of a running server, drafts, starts, stops and concludes
// them.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_experiments(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
