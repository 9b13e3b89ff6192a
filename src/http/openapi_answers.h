// What the API description says of answers: those that the machinery itself gives on many routes, once each,
// and the headers of all of them.
#pragma once

#include <boost/json/object.hpp>

#include "http/route.h"

namespace rankloop::http {

// Every answer of a route by its status: those it declares, and those that the machinery can give whatever
// the route does. `schemas`: the component schemas, for examples.
boost::json::object answers_of(const Route& route, bool token_asked, const boost::json::object& schemas);

boost::json::object answer_components();  // "#/components/responses/..."
boost::json::object header_components();  // "#/components/headers/..."

}  // namespace rankloop::http
