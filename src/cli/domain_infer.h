// `rankloop domain infer items.csv`: a first domain file for tables that have none.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

// Adds it to the command domain.
void add_domain_infer(CLI::App& domain, CommandResult& result);

}  // namespace rankloop::cli
