// POST /train/start, GET /train/status/{id}, GET /train/events/{id}, POST /train/cancel/{id}.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> training_routes(Services& services);

}  // namespace rankloop::http
