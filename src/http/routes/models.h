// GET /models, /models/{id}, /models/history, /models/{id}/artefact; POST /models, /models/{id}/promote,
// .../share,
// .../shadow and /models/rollback: the registry.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> model_routes(Services& services);

}  // namespace rankloop::http
