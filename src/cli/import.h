// `rankloop import items FILE`: many items into the catalog, through the running server or straight into the
// store.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_import(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
