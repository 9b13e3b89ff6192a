// JSON as the API takes it: one value, UTF-8, no duplicate keys, no NaN or infinity (nor a number too large
// for a double), at most `max_depth` levels. Faults come as kInvalidArgument with a FieldFault of type
// "json_invalid" at {"body"} whose message names the place (byte offset) and the reason; kResourceExhausted when
// memory is out.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include "error/result.h"

namespace rankloop {

inline constexpr std::size_t kMaxJsonDepth = 32;

Result<boost::json::value> parse_strict_json(std::string_view text, boost::json::storage_ptr storage = {},
                                             std::size_t max_depth = kMaxJsonDepth);

// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);
// Appends the shortest decimal form that reads back as the same number ("0.1", "3", "1e+300"); never NaN.
void append_json_number(std::string& out, double number);
void append_json_number(std::string& out, float number);

}  // namespace rankloop
