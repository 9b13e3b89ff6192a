// GET /system, /settings: how this server does, and what it was told.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> state_routes(Services& services);

}  // namespace rankloop::http
