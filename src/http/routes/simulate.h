// GET /simulate, POST /simulate/start and /simulate/stop: the guests of demo mode.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> simulate_routes(Services& services);

}  // namespace rankloop::http
