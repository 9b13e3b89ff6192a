// `rankloop demo`: the whole loop on simulated guests, from a random order to a proved model, in about a
// minute.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_demo(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
