// `rankloop serve`: the server. `rankloop worker`: a worker, which needs a shared store.
#pragma once

#include <map>
#include <string>

#include <CLI/App.hpp>

#include "cli/command.h"
#include "config/settings.h"

namespace rankloop::cli {

// As the settings may name them.
config::Families family_names();

// The settings a command takes from --config, the environment and its own options (key -> text), with the
// domain file of the data directory where none of these names one.
Result<config::Settings> read_settings(const std::string& config_file,
                                       const std::map<std::string, std::string>& options);

void add_serve(CLI::App& app, CommandResult& result);
void add_worker(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
