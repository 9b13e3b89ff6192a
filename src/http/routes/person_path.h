// The person that a path names.
#pragma once

#include "domain/ids.h"
#include "error/result.h"
#include "http/message.h"
#include "http/route.h"

namespace rankloop::http {

// The first value of the path. kInvalidArgument: no key may be like that.
Result<PersonKey> person_in_path(const Request& request);
Parameter person_parameter();

}  // namespace rankloop::http
