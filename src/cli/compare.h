// `rankloop compare CHAMPION CHALLENGER`: is the challenger proved better?
#pragma once

#include <string>

#include <CLI/App.hpp>

#include "cli/command.h"
#include "ml/gate.h"

namespace rankloop::cli {

// A verdict for people, its interval drawn as text.
std::string to_text(const ml::GateOutcome& outcome);

// The command with its options.
void add_compare(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
