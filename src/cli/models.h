// `rankloop models list|show|history|promote|rollback|share|shadow|import|export`: the registry from a
// terminal.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_models(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
