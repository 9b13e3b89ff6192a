// gzip: reading it for clients that do not, and making it.
#pragma once

#include <string>
#include <string_view>

namespace rankloop::http {

// The bytes that were compressed. Throws std::runtime_error when `compressed` is no whole gzip stream: it is
// part of the binary, so that is a fault of the build.
std::string gunzip(std::string_view compressed);

// Compressed quickly rather than well (zlib's level 1). Throws std::runtime_error when zlib has no memory.
std::string gzip(std::string_view plain);

}  // namespace rankloop::http
