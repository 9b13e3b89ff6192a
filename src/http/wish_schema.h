// The wishes of a request's body as a JSON Schema.
#pragma once

#include <boost/json/object.hpp>

#include "domain/domain.h"

namespace rankloop::http {

boost::json::object wishes_schema(const Domain& domain);

}  // namespace rankloop::http
