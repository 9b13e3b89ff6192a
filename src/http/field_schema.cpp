// JSON Schemas of the fields that a domain file declares.
#include "http/field_schema.h"

#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/value_from.hpp>

#include "domain/field_value.h"
#include "domain/scalar_value.h"
#include "http/described_inputs.h"

namespace rankloop::http {

namespace json = boost::json;

namespace {

void add_range(json::object& schema, const Field& field, bool integer) {
  if (field.minimum || integer) schema["minimum"] = bound_value(field.minimum.value_or(kSmallestInt));
  if (field.maximum || integer) schema["maximum"] = bound_value(field.maximum.value_or(kLargestInt));
}

// A moment as the server takes it, and as it answers it.
constexpr const char* kTakenMoment =
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt "
    "][0-9]{2}:[0-9]{2}:[0-5][0-9]([.][0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$";
constexpr const char* kToldMoment = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{3})?Z$";

json::object word_schema(const Field& field) {
  json::object schema;
  add_text(schema,
           {.name = field.name, .least = 1, .most = kLongestWord, .characters = Characters::kAllButNul});
  if (!field.values.empty()) schema = {{"type", "string"}, {"enum", json::value_from(field.values)}};
  return schema;
}

json::object list_schema(const Field& field, json::object element) {
  return {{"type", "array"},
          {"items", std::move(element)},
          {"minItems", field.min_length},
          {"maxItems", field.max_length}};
}

json::object place_schema() {
  const auto degrees = [](double most) {
    return json::object{{"type", "number"}, {"minimum", -most}, {"maximum", most}};
  };
  return {{"type", "object"},
          {"properties", json::object{{"lat", degrees(90)}, {"lon", degrees(180)}}},
          {"required", json::array{"lat", "lon"}}};
}

json::object schema_of_type(const Field& field, Sent sent) {
  json::object schema;
  switch (field.type) {
    case FieldType::kInt:
      schema["type"] = "integer";
      add_range(schema, field, true);
      break;
    case FieldType::kFloat:
      schema["type"] = "number";
      add_range(schema, field, false);
      break;
    case FieldType::kBool:
      schema["type"] = "boolean";
      break;
    case FieldType::kDate:
      schema["type"] = "string";
      schema["format"] = "date";
      break;
    case FieldType::kTime:
      schema["type"] = "string";
      schema["format"] = "date-time";
      schema["pattern"] = sent == Sent::kIn ? kTakenMoment : kToldMoment;
      if (sent == Sent::kIn && field.epoch != Epoch::kNone) schema["type"] = json::array{"string", "number"};
      break;
    case FieldType::kString:
    case FieldType::kText:
      add_text(schema, {.name = field.name,
                        .help = field.help,
                        .least = field.min_length,
                        .most = field.max_length,
                        .characters = Characters::kAllButNul});
      break;
    case FieldType::kCategory:
      return word_schema(field);
    case FieldType::kIntList: {
      json::object element{{"type", "integer"}};
      add_range(element, field, true);
      return list_schema(field, std::move(element));
    }
    case FieldType::kTags:
      return list_schema(field, word_schema(field));
    case FieldType::kVector: {
      json::object element{{"type", "number"}};
      add_range(element, field, false);
      return list_schema(field, std::move(element));
    }
    case FieldType::kPlace:
      return place_schema();
  }
  return schema;
}

}  // namespace

json::object field_schema(const Field& field, Sent sent) {
  json::object schema = schema_of_type(field, sent);
  if (sent == Sent::kIn && !field.required) allow_null(schema);
  if (!field.help.empty()) schema["description"] = field.help;
  if (field.preset && sent == Sent::kIn) schema["default"] = *field.preset;
  return schema;
}

}  // namespace rankloop::http
