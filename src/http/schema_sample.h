// An example of what a JSON Schema describes, for the API description.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace rankloop::http {

// The schema's own example, or else a value made of its default, its bounds and its format. `schemas`: what
// "#/components/schemas/..." names. The schema must be one of this program: a text with a pattern, and
// whatever else cannot be made up, brings its own `examples`.
boost::json::value sample_of(const boost::json::value& schema, const boost::json::object& schemas);

}  // namespace rankloop::http
