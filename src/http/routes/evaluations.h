// POST /evaluations, GET /evaluations, GET /evaluations/{id}, POST /evaluations/{id}/cancel.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> evaluation_routes(Services& services);

}  // namespace rankloop::http
