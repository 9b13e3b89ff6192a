// `rankloop evaluate FILE`: how good are these scores?
#pragma once

#include <string>

#include <CLI/App.hpp>

#include "cli/command.h"
#include "ml/evaluate.h"

namespace rankloop::cli {

// The metrics as a table for people.
std::string to_table(const ml::Metrics& metrics, const std::string& file);

// The command with its options.
void add_evaluate(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
