// GET /tasks, /tasks/{id}, POST /tasks/{id}/retry: the task ledger.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> task_routes(Services& services);

}  // namespace rankloop::http
