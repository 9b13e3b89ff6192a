// The command line of the program.
#pragma once

namespace rankloop::cli {

// Parses the arguments and runs the command; answers the exit code: 0 it worked, 1 it did not, 2 it was asked
// for wrongly.
int run(int argc, const char* const* argv);

}  // namespace rankloop::cli
