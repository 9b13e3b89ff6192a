// `rankloop backup` and `rankloop restore`: an embedded store as one file, and back.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_backup(CLI::App& app, CommandResult& result);
void add_restore(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
