// Starts the command line.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command_line.h"
#include "telemetry/last_line.h"

int main(int argc, char** argv) {
  rankloop::telemetry::leave_last_line();
  // Whoever closed a standard stream must not find a store's file under its number.
  for (int stream = 0; stream <= STDERR_FILENO; ++stream) {
    if (::fcntl(stream, F_GETFD) == -1 && ::open("/dev/null", O_RDWR) < 0) return 1;
  }
  // Whatever is written, stores, models and rows of people, is for its user alone; who wants to share a file
  // says so.
  ::umask(0077);
  return rankloop::cli::run(argc, argv);
}
