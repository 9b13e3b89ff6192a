// `rankloop quickstart ITEMS --history LOG`: from tables to a ranking that is learned, judged and served.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_quickstart(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
