// Celery's JSON carries values that JSON has no type for as {"__type__": name, "__value__": value}.
#pragma once

#include <boost/json/value.hpp>

#include "error/result.h"

namespace rankloop::queue::celery {

// Replaces every tagged value by its plain text: dates, times and moments in ISO 8601, decimals as written, a
// UUID in its canonical form, bytes as UTF-8 or else base64. kInvalidArgument for an unknown type or a value
// that does not fit.
Status untag(boost::json::value& value);

}  // namespace rankloop::queue::celery
