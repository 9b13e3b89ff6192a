// GET /monitoring/loop and .../loop/events: the loop as it turns now.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> loop_routes(Services& services);

}  // namespace rankloop::http
