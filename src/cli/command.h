// What every command of the program shares. Each command's file exposes one function,
// `void add_<name>(CLI::App& app, CommandResult& result)`, which declares its options and a callback that
// runs it.
#pragma once

#include "error/result.h"

namespace rankloop::cli {

struct CommandResult {
  int exit_code = 0;  // of the process
};

inline constexpr int kFailed = 1;    // it did not work
inline constexpr int kBadInput = 2;  // it was asked for wrongly

int exit_code_of(const Error& error);
// Prints the error for people, on standard error, and answers the exit code that belongs to it.
int complain(const Error& error);

}  // namespace rankloop::cli
