// Bodies that a producer has compressed.
#pragma once

#include <string>
#include <string_view>

#include "error/result.h"

namespace rankloop::queue::celery {

// Plain bytes of a zlib or gzip stream. kInvalidArgument when it is neither, is cut off, or has more than 16
// MB inside.
Result<std::string> inflate_body(std::string_view compressed);

}  // namespace rankloop::queue::celery
