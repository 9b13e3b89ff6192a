// All routes of the API in one table.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

// `services` must outlive the routes. `token_asked`: the API description says that requests need a token.
std::vector<Route> route_table(Services& services, bool token_asked);

}  // namespace rankloop::http
