// GET /monitoring/drift, .../drift/history, .../performance and .../items,
// /inference/explain/{task_id}/{item_id}, /inference/reorder/{task_id}/{model_id},
// /models/{model_id}/importance: how the models do, and why.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> monitoring_routes(Services& services);

}  // namespace rankloop::http
