// Declared inputs as JSON Schema.
#include "http/described_inputs.h"

#include <cmath>
#include <cstdint>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "domain/item_keys.h"

namespace rankloop::http {

namespace json = boost::json;

namespace {

json::object number_schema_of(std::string_view type, std::int64_t minimum, std::int64_t maximum) {
  return {{"type", type}, {"minimum", minimum}, {"maximum", maximum}};
}

json::object schema_of(const NumberInput& input) {
  json::object schema = number_schema_of("integer", input.minimum, input.maximum);
  if (input.preset) schema["default"] = *input.preset;
  if (input.example) schema["examples"] = json::array{*input.example};
  return schema;
}

json::object schema_of(const RealInput& input) {
  json::object schema{{"type", "number"}, {"minimum", bound_value(input.minimum)}};
  if (std::isfinite(input.maximum))
    schema[input.below ? "exclusiveMaximum" : "maximum"] = bound_value(input.maximum);
  if (input.example) schema["examples"] = json::array{bound_value(*input.example)};
  return schema;
}

json::object schema_of(const TextInput& input) {
  json::object schema;
  add_text(schema, input);
  if (input.preset) schema["default"] = *input.preset;
  if (input.example) schema["examples"] = json::array{*input.example};
  return schema;
}

json::object schema_of(const ChoiceInput& input) {
  json::object schema{{"type", "string"}};
  if (input.preset) schema["default"] = *input.preset;
  schema["enum"] = json::array(input.words.begin(), input.words.end());
  if (input.example) schema["examples"] = json::array{*input.example};
  return schema;
}

json::object schema_of(const TaskInput&) {
  return {{"type", "string"}, {"format", "uuid"}};
}

template <class Input>
Parameter parameter_of(const Input& input, std::string_view in, const json::object& schema) {
  return {std::string{input.name}, std::string{in}, json::serialize(schema), std::string{input.help}};
}

template <class Input>
BodyMember member_of(const Input& input, json::object schema) {
  if (!input.help.empty()) schema["description"] = input.help;
  return {input.name, std::move(schema)};
}

}  // namespace

json::value bound_value(double bound) {
  if (std::nearbyint(bound) == bound && std::abs(bound) < 9e15) return static_cast<std::int64_t>(bound);
  return bound;
}

json::object item_id_schema(ItemIdType type) {
  if (type == ItemIdType::kNumber) return number_schema_of("integer", 1, kLargestNumber);
  return {{"type", "string"},
          {"minLength", 1},
          {"maxLength", kLongestItemKey},
          {"pattern", R"(^[^\u0000-\u001f\u007f-\u009f]+$)"}};
}

void allow_null(json::object& schema) {
  schema["type"] = json::array{schema["type"], "null"};
}

void add_text(json::object& schema, const TextInput& input) {
  schema["type"] = "string";
  if (input.least > 0 || input.characters != Characters::kAll) schema["minLength"] = input.least;
  if (input.most) schema["maxLength"] = *input.most;
  switch (input.characters) {
    case Characters::kAll:
      break;
    case Characters::kAllButNul:
      schema["pattern"] = R"(^[^\u0000]*$)";
      break;
    case Characters::kVisibleAscii:
      schema["pattern"] = "^[!-~]+$";
      break;
  }
}

Parameter in_query(const NumberInput& input) {
  return parameter_of(input, "query", schema_of(input));
}

Parameter in_query(const RealInput& input) {
  return parameter_of(input, "query", schema_of(input));
}

Parameter in_query(const FlagInput& input) {
  return parameter_of(input, "query", {{"type", "boolean"}, {"default", false}});
}

Parameter in_query(const TextInput& input) {
  return parameter_of(input, "query", schema_of(input));
}

Parameter in_query(const ChoiceInput& input) {
  return parameter_of(input, "query", schema_of(input));
}

Parameter in_query(const DurationInput& input) {
  return parameter_of(input, "query",
                      {{"type", "string"},
                       {"pattern", "^[0-9]+([.][0-9]+)?(ms|s|m|h|d)?$"},
                       {"examples", json::array{"500ms", "30s"}}});
}

Parameter in_query(const TaskInput& input, bool required) {
  Parameter parameter = parameter_of(input, "query", schema_of(input));
  parameter.required = required;
  return parameter;
}

Parameter in_header(const TextInput& input) {
  return parameter_of(input, "header", schema_of(input));
}

BodyMember in_body(const NumberInput& input) {
  return member_of(input, schema_of(input));
}

BodyMember in_body(const RealInput& input) {
  return member_of(input, schema_of(input));
}

BodyMember in_body(const FlagInput& input) {
  return member_of(input, {{"type", "boolean"}});
}

BodyMember in_body(const TextInput& input) {
  json::object schema = schema_of(input);
  allow_null(schema);
  return member_of(input, std::move(schema));
}

BodyMember in_body(const ChoiceInput& input) {
  return member_of(input, schema_of(input));
}

BodyMember in_body(const TaskInput& input) {
  return member_of(input, schema_of(input));
}

// The number that may stand in place of an id is one more integer, or another type beside texts.
BodyMember in_body(const ItemInput& input) {
  json::object schema = item_id_schema(input.type);
  if (input.instead && input.type == ItemIdType::kNumber) {
    schema["minimum"] = *input.instead;
  } else if (input.instead) {
    schema = {{"anyOf", json::array{std::move(schema), json::object{{"type", "integer"},
                                                                    {"enum", json::array{*input.instead}}}}}};
  }
  BodyMember member = member_of(input, std::move(schema));
  if (input.example) member.schema["examples"] = json::array{json::parse(*input.example)};
  return member;
}

BodyMember in_body(const ItemsInput& input) {
  json::object one = item_id_schema(input.type);
  one["description"] = input.help_of_one;
  return member_of(
      input, {{"type", json::array{"array", "null"}}, {"items", std::move(one)}, {"maxItems", input.most}});
}

std::string body_schema(std::initializer_list<std::string_view> required,
                        std::initializer_list<BodyMember> members, std::string_view example,
                        OtherMembers others) {
  json::object schema{{"type", "object"}};
  if (required.size() > 0) schema["required"] = json::array(required.begin(), required.end());
  json::object& properties = schema["properties"].emplace_object();
  for (const BodyMember& member : members) properties[member.name] = member.schema;
  if (others == OtherMembers::kRefused) schema["additionalProperties"] = false;
  if (!example.empty()) schema["examples"] = json::array{json::parse(example)};
  return json::serialize(schema);
}

}  // namespace rankloop::http
