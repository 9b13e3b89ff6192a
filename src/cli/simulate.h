// `rankloop simulate data` and `rankloop simulate traffic`.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_simulate(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
