// The domain's records as JSON Schema, for the API description.
#pragma once

#include <string_view>

#include <boost/json/object.hpp>

#include "domain/domain.h"
#include "http/domain_examples.h"

namespace rankloop::http {

// Every component schema: what a client sends and gets, by name (see component_name() in openapi.h). `best`:
// the most items a ranking keeps, and so the most candidates a request may name.
boost::json::object component_schemas(const Domain& domain, int best, const ExampleItem& existing);

}  // namespace rankloop::http
