// Text as it may stand inside a JSON string.
#pragma once

#include <string>
#include <string_view>

namespace rankloop::telemetry {

// As inside a JSON string, whatever the bytes are: each that is no UTF-8 becomes U+FFFD, and control
// characters (C0, DEL and C1) are escaped, because a terminal obeys them.
void append_escaped(std::string& out, std::string_view text);

}  // namespace rankloop::telemetry
