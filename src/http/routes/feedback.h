// POST /feedback.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> feedback_routes(Services& services);

}  // namespace rankloop::http
