// `rankloop top`: the loop of a running server, live.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_top(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
