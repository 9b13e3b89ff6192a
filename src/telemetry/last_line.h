// The line that stands in the log when the process ends by an exception that nothing caught.
#pragma once

#include "telemetry/log.h"

namespace rankloop::telemetry {

// Once, before other threads run: std::terminate writes "level=fatal" with the reason to standard error, as
// text until leave_last_line_as() says otherwise, and then ends the process by SIGABRT. Takes no memory to do
// so.
void leave_last_line();
// Thread-safe.
void leave_last_line_as(LogFormat format);

}  // namespace rankloop::telemetry
