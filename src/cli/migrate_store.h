// rankloop migrate-store: everything from one store into another.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_migrate_store(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
