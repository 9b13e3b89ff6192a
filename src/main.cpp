#include "cli/command_line.h"

int main(int argc, char** argv) { return rankloop::cli::run(argc, argv); }
