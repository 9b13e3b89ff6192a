// GET /health/live, /health/ready, /version, /metrics, GET and PUT /log: what a server and a worker answer.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> system_routes(SystemServices& services);

}  // namespace rankloop::http
