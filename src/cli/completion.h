// `rankloop completion bash|zsh`: what a shell needs to complete this program's words. The script asks the
// program itself (`rankloop completion words ...`), so it never falls behind.
#pragma once

#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "cli/command.h"

namespace rankloop::cli {

void add_completion(CLI::App& app, CommandResult& result);

struct Completions {
  std::vector<std::string> words;  // that begin with what is written of the last word
  bool files = false;              // the shell completes a file
  bool folders = false;            // or a folder
  bool models = false;             // a model's number
  bool experiments = false;        // an experiment's
};

// `line` holds the words after the program's name; the last is the one to complete, perhaps "".
Completions complete(const CLI::App& app, const std::vector<std::string>& line);

}  // namespace rankloop::cli
