// GET /health/live, /health/ready, /version, /metrics.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> system_routes(Services& services);

}  // namespace rankloop::http
