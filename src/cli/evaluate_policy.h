// `rankloop evaluate policy FILE`: what would another way of ranking have earned?
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

// The command with its options, below `evaluate`.
void add_evaluate_policy(CLI::App& evaluate, CommandResult& result);

}  // namespace rankloop::cli
