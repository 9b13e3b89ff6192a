// GET /content/...: counts, items, users and results.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> content_routes(Services& services);

}  // namespace rankloop::http
