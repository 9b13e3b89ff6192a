// What a benchmark takes of the machine's memory.
#pragma once

#include <fstream>

#include <unistd.h>

namespace rankloop {

// Resident memory of this process in bytes.
inline double resident_memory() {
  std::ifstream statm("/proc/self/statm");
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace rankloop
