// Which program this is.
#pragma once

#include <string>

namespace rankloop::server {

std::string version();   // "0.1.0"
std::string revision();  // git's short id of the sources, or "unknown"

}  // namespace rankloop::server
