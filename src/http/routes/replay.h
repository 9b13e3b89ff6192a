// /inference/replay/{task_id} and /replays: past requests, ranked again.
#pragma once

#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> replay_routes(Services& services);

}  // namespace rankloop::http
