// JSON as the API takes it: one value, UTF-8, no duplicate keys, no NaN or infinity (nor a number too large
// for a double), and no more than JsonBounds allows. The bounds are counted while the text is read, before a
// value or a table of members is made of it, so a text costs time and memory in proportion to its length,
// whatever its keys are. Faults come as kInvalidArgument with a FieldFault of type
// "json_invalid" at {"body"} whose message names the place (byte offset) and the reason; kResourceExhausted
// when memory is out.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include "error/result.h"

namespace rankloop {

struct JsonBounds {
  std::size_t depth = 32;
  std::size_t members = 1'024;   // of one object; keys may be chosen to share one place of its table
  std::size_t values = 524'288;  // of all arrays and objects together; a ranking of 65,535 items fits
};

Result<boost::json::value> parse_strict_json(std::string_view text, boost::json::storage_ptr storage = {},
                                             const JsonBounds& bounds = {});

// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);
// Appends the shortest decimal form that reads back as the same number ("0.1", "3", "1e+300"); never NaN.
void append_json_number(std::string& out, double number);
void append_json_number(std::string& out, float number);

}  // namespace rankloop
