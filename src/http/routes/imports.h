// POST /items:import and POST /history:import: many items, or what another system showed, at once.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> import_routes(Services& services);

}  // namespace rankloop::http
