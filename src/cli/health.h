// `rankloop health`: asks a server whether it is ready, for containers and scripts without an HTTP client.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_health(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
