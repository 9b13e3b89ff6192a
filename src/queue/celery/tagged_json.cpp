// Reads values that carry their type.
#include "queue/celery/tagged_json.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace rankloop::queue::celery {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 6> kTexts{"datetime", "date", "time", "decimal", "bytes", "base64"};

Error unfit(std::string_view type, const json::value& value) {
  return {ErrorCode::kInvalidArgument,
          fmt::format(
              "a value of type \"{}\" cannot be {}; known types are datetime, date, time, decimal, bytes, "
              "base64 and uuid",
              type, json::serialize(value))};
}

// {"hex": "018f...", ...}: 32 digits become 8-4-4-4-12.
Result<json::string> uuid_text(const json::value& value) {
  const json::object* fields = value.if_object();
  const json::value* hex = fields ? fields->if_contains("hex") : nullptr;
  const json::string* digits = hex ? hex->if_string() : nullptr;
  constexpr std::string_view kHex = "0123456789abcdefABCDEF";
  if (!digits || digits->size() != 32 ||
      std::string_view{*digits}.find_first_not_of(kHex) != std::string_view::npos)
    return unfit("uuid", value);
  json::string text;
  for (std::size_t i = 0; i < digits->size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text.push_back('-');
    text.push_back((*digits)[i]);
  }
  return text;
}

Result<json::string> plain_text(std::string_view type, const json::value& value) {
  if (type == "uuid") return uuid_text(value);
  if (std::ranges::find(kTexts, type) == kTexts.end() || !value.is_string()) return unfit(type, value);
  return value.get_string();
}

Status untag_object(json::value& value) {
  json::object& object = value.get_object();
  const json::value* type = object.if_contains("__type__");
  const json::value* tagged = object.if_contains("__value__");
  if (object.size() == 2 && type && tagged) {
    auto text =
        plain_text(type->is_string() ? std::string_view{type->get_string()} : std::string_view{}, *tagged);
    if (!text) return text.error();
    value = *std::move(text);
    return {};
  }
  for (auto& field : object) {
    if (Status status = untag(field.value()); !status) return status;
  }
  return {};
}

}  // namespace

Status untag(json::value& value) {
  if (value.is_object()) return untag_object(value);
  if (!value.is_array()) return {};
  for (json::value& element : value.get_array()) {
    if (Status status = untag(element); !status) return status;
  }
  return {};
}

}  // namespace rankloop::queue::celery
