// What histories say now of people and items.
#pragma once

#include <string>
#include <vector>

#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

std::vector<Route> history_routes(Services& services);

// The schema of an array of histories with their values.
std::string histories_schema();

}  // namespace rankloop::http
