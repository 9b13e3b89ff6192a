// The domain's records as JSON Schema, for the API description.
#pragma once

#include <string_view>

#include <boost/json/object.hpp>

#include "domain/domain.h"

namespace rankloop::http {

// Every component schema: what a client sends and gets, by name (see component_name() in openapi.h).
boost::json::object component_schemas(const Domain& domain);

}  // namespace rankloop::http
