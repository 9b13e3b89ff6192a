// Who may talk to us through a browser: checks of Host, Origin and Sec-Fetch-Site.
#pragma once

#include <string_view>

namespace rankloop::http {

// Against DNS rebinding: a server on a loopback address is only ever called localhost, 127.0.0.1, [::1] or as
// it was told to listen, with any port.
bool is_local_name(std::string_view host_header, std::string_view listen_host);

// True when `origin` ("http://localhost:4789") is the place `host_header` names; "null" never is.
bool same_origin(std::string_view origin, std::string_view host_header);

}  // namespace rankloop::http
