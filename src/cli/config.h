// `rankloop config`: every setting with its default, as a file to start from.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_config(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
