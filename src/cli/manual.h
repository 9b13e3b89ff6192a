// `rankloop manual`: the manual page rankloop(1), made from the description of the commands.
#pragma once

#include <string>

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_manual(CLI::App& app, CommandResult& result);

// In troff's man macros; `date` as 2026-03-01.
std::string manual_page(const CLI::App& app, const std::string& version, const std::string& date);

}  // namespace rankloop::cli
