// POST /inference/start, GET /inference/status, results, events, PUT /inference/select, POST
// /inference/cancel.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> inference_routes(Services& services);

// The TaskStatus of a task as it is now, for answers kept under an Idempotency-Key.
boost::asio::awaitable<Response> answer_task_status(Services& services, TaskId task);

}  // namespace rankloop::http
