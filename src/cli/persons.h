// The command persons: what a running server knows of a person, all of it as lines, and an erasure.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_persons(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
