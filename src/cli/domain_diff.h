// The command domain diff.
#pragma once

#include <iosfwd>
#include <string>

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

// Says what is different in the domain file `wanted`, and what that does to a store made with `stored`. 0: a
// store in use takes it over; 1: it refuses it, or a file is no good.
int domain_diff(const std::string& stored, const std::string& wanted, bool json, std::ostream& out);

void add_domain_diff(CLI::App& domain, CommandResult& result);

}  // namespace rankloop::cli
