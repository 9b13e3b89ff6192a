// POST /items, PATCH and DELETE /items/{id}, GET /items:search: changes of the catalog, and its search.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> item_routes(Services& services);

}  // namespace rankloop::http
