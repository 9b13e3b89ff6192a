// `rankloop doctor`: whether a store holds what it promises.
#pragma once

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_doctor(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
