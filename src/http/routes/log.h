// GET and PUT /log: how much this process logs. Of any process that listens: it needs no more than the log.
#pragma once

#include <vector>

#include "http/route.h"
#include "telemetry/log.h"

namespace rankloop::http {

// `log` must outlive the server.
std::vector<Route> log_routes(telemetry::Logger& log);

}  // namespace rankloop::http
