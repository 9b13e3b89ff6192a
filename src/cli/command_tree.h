// What the commands' one description, CLI11's tree, says to those that read it whole: completion and the
// manual.
#pragma once

#include <string>
#include <vector>

#include <CLI/App.hpp>

namespace rankloop::cli {

// Subcommands for people, in order of declaration; those of an empty group are left out.
std::vector<const CLI::App*> commands_of(const CLI::App& app);

// "--family" and "-h": how an option can be written; empty for a positional.
std::vector<std::string> spellings_of(const CLI::Option& option);

// True for what stands by itself: --json, --help.
bool is_flag(const CLI::Option& option);

// What the value is: "FILE", "DIR", "MODEL", "URL", "TEXT", "INT" ...
std::string kind_of(const CLI::Option& option);

// The words that are allowed, when there are only some.
std::vector<std::string> allowed_words(const CLI::Option& option);

}  // namespace rankloop::cli
