// Accept-Encoding as RFC 9110 has it: names without case, weights, "*", and what a missing field means.
#pragma once

#include <string_view>

namespace rankloop::http {

// Whether a client that sent `field` takes gzip, and likes it no less than the plain bytes.
bool takes_gzip(std::string_view field);

// Whether an If-None-Match field names `tag` ("\"abc\"") or is "*"; weak tags match, too.
bool names_tag(std::string_view field, std::string_view tag);

}  // namespace rankloop::http
