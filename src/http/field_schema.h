// A field of the domain as a JSON Schema.
#pragma once

#include <boost/json/object.hpp>

#include "domain/schema.h"

namespace rankloop::http {

// Whether a client sends it or the server answers it.
enum class Sent { kIn, kOut };

// A client may also send null for an optional field: it is absent then.
boost::json::object field_schema(const Field& field, Sent sent);

}  // namespace rankloop::http
