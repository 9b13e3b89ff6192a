// The pages for a browser: the start page, /docs (Swagger UI), /redoc, their assets, and /openapi.json. All
// come from the binary and load nothing from elsewhere.
#pragma once

#include <string>
#include <vector>

#include "http/route.h"

namespace rankloop::http {

// Appends GET /, /docs, /redoc, /openapi.json and /docs/assets/...; all hidden and open. `openapi` is the
// document (openapi_document() of the routes there so far), `version` the program's.
void add_docs_routes(std::vector<Route>& routes, std::string openapi, std::string version);

}  // namespace rankloop::http
