// Names of threads, so that `top -H`, `ps -L` and a debugger tell who works.
#pragma once

#include <string_view>

namespace rankloop::telemetry {

// Names the calling thread; the system keeps the first 15 bytes. Not for the first thread, whose name is the
// process's.
void name_this_thread(std::string_view name);

}  // namespace rankloop::telemetry
