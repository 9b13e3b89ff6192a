// POST /train/start.
#pragma once

#include <vector>

#include "http/route.h"

namespace rankloop::http {

std::vector<Route> training_routes();

}  // namespace rankloop::http
