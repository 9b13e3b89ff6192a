// What the system says of this process (Linux: /proc).
#pragma once

namespace rankloop::telemetry {

struct ProcessUsage {
  double cpu_seconds = 0;  // of the user and the system
  double resident_bytes = 0;
  double virtual_bytes = 0;
  double open_files = 0;
  double most_files = 0;
  double start_seconds = 0;  // since the epoch
  double threads = 0;
};

// What cannot be read is 0. Thread-safe.
ProcessUsage process_usage();

}  // namespace rankloop::telemetry
