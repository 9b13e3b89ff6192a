// GET and PUT /domain, POST /domain:diff and /domain:infer: the domain file that is served, what a change of
// it means, the change, and a first file for a table.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> domain_routes(Services& services);

}  // namespace rankloop::http
