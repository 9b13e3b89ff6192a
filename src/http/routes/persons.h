// People by their own keys: what is stored of them, all that is known of one, and an erasure.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> person_routes(Services& services);

}  // namespace rankloop::http
