// `rankloop domain check FILE`: is this a good domain file?
#pragma once

#include <iosfwd>
#include <memory>
#include <string>

#include <CLI/App.hpp>

#include "cli/command.h"
#include "domain/domain.h"

namespace rankloop::cli {

// Reads the file and prints every fault as FILE:LINE:COLUMN: message, in file order, or a short summary of a
// good domain; with `json` one JSON object instead. Returns the exit code: 0 for a good domain, 1 otherwise.
int domain_check(const std::string& file, bool json, std::ostream& out);

// The domain of a file; null, with its faults printed in the same way, where it is no good.
std::shared_ptr<const Domain> good_domain(const std::string& file, bool json, std::ostream& out);

// The command with its options.
void add_domain(CLI::App& app, CommandResult& result);

}  // namespace rankloop::cli
