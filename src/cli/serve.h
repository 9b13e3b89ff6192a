// `rankloop serve`: the server. `rankloop worker`: a worker, which needs a shared store.
#pragma once

#include <functional>
#include <map>
#include <string>

#include <CLI/App.hpp>

#include "cli/command.h"
#include "cli/interruption.h"
#include "config/settings.h"
#include "server/application.h"

namespace rankloop::cli {

// As the settings may name them.
config::Families family_names();

// The settings a command takes from --config, the environment and its own options (key -> text).
Result<config::Settings> read_settings(const std::string& config_file,
                                       const std::map<std::string, std::string>& options);

// Hears that a server is ready.
using Greeting = std::function<void(const server::ReadyInfo&)>;
// What people read then.
void greet(const server::ReadyInfo& info);

// Runs a server of these settings until the interruption. `quiet`: draws no progress. Answers the exit code,
// with the error told.
int serve_until(const Interruption& interruption, const config::Settings& settings, bool quiet,
                const Greeting& greeting);

void add_serve(CLI::App& app, CommandResult& result);
void add_worker(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
