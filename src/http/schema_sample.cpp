// Makes a value that a schema allows.
#include "http/schema_sample.h"

#include <algorithm>
#include <string_view>

#include <boost/json/array.hpp>

namespace rankloop::http {

namespace json = boost::json;

namespace {

std::string_view text_at(const json::object& schema, std::string_view key) {
  const json::value* value = schema.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

// Of a type that may be several, the first.
std::string_view type_of(const json::object& schema) {
  const json::value* type = schema.if_contains("type");
  if (type == nullptr || !type->is_array()) return text_at(schema, "type");
  const json::string& first = type->get_array().front().as_string();
  return {first.data(), first.size()};
}

json::value text_sample(const json::object& schema) {
  const std::string_view format = text_at(schema, "format");
  if (format == "uuid") return "01939c2e-7d40-7a3c-9c53-5f1d8e6b2a10";
  if (format == "date-time") return "2026-12-01T12:00:00.000Z";
  if (format == "date") return "2026-12-01";
  return "text";
}

// The bound that is there, so that it holds; else 1.
json::value number_sample(const json::object& schema) {
  if (const json::value* minimum = schema.if_contains("minimum")) return *minimum;
  if (const json::value* maximum = schema.if_contains("maximum")) return *maximum;
  return 1;
}

json::value object_sample(const json::object& schema, const json::object& schemas) {
  json::object made;
  if (const json::value* properties = schema.if_contains("properties")) {
    for (const auto& [name, property] : properties->as_object()) made[name] = sample_of(property, schemas);
  }
  return made;
}

json::value array_sample(const json::object& schema, const json::object& schemas) {
  const json::value* items = schema.if_contains("items");
  if (items == nullptr) return json::array{};
  const json::value* least = schema.if_contains("minItems");
  const std::int64_t count =
      std::max<std::int64_t>(1, least == nullptr ? 1 : least->to_number<std::int64_t>());
  json::array made;
  for (std::int64_t i = 0; i < count; ++i) made.push_back(sample_of(*items, schemas));
  return made;
}

}  // namespace

json::value sample_of(const json::value& schema, const json::object& schemas) {
  const json::object& object = schema.as_object();
  constexpr std::string_view kSchemas = "#/components/schemas/";
  if (const std::string_view ref = text_at(object, "$ref"); !ref.empty())
    return sample_of(schemas.at(ref.substr(kSchemas.size())), schemas);
  for (const std::string_view list : {"examples", "anyOf", "enum"}) {
    const json::value* values = object.if_contains(list);
    if (values == nullptr) continue;
    const json::value& first = values->as_array().front();
    return list == "anyOf" ? sample_of(first, schemas) : first;
  }
  if (const json::value* preset = object.if_contains("default")) return *preset;
  const std::string_view type = type_of(object);
  if (type == "object") return object_sample(object, schemas);
  if (type == "array") return array_sample(object, schemas);
  if (type == "boolean") return true;
  if (type == "integer" || type == "number") return number_sample(object);
  if (type == "string") return text_sample(object);
  return nullptr;
}

}  // namespace rankloop::http
