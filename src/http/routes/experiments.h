// Experiments: drafts, starts, stops and conclusions, and what they say.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> experiment_routes(Services& services);

}  // namespace rankloop::http
