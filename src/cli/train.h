// `rankloop train`: a model from a labelled file or from a store that no server uses.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_train(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
