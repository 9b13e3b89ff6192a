// Reading gzip, for clients that do not.
#pragma once

#include <string>
#include <string_view>

namespace rankloop::http {

// The bytes that were compressed. Throws std::runtime_error when `compressed` is no whole gzip stream: it is
// part of the binary, so that is a fault of the build.
std::string gunzip(std::string_view compressed);

}  // namespace rankloop::http
