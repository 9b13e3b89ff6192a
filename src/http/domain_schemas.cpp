#include "http/domain_schemas.h"

#include <cmath>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "domain/field_value.h"
#include "http/openapi.h"

namespace rankloop::http {

namespace json = boost::json;

namespace {

// Whole numbers are written as such, so that a bound reads 1 and not 1E0.
json::value number(double value) {
  if (std::nearbyint(value) == value && std::abs(value) < 9e15) return static_cast<std::int64_t>(value);
  return value;
}

void add_range(json::object& schema, const Field& field, bool integer) {
  if (field.minimum || integer) schema["minimum"] = number(field.minimum.value_or(kSmallestInt));
  if (field.maximum || integer) schema["maximum"] = number(field.maximum.value_or(kLargestInt));
}

// The server counts bytes of UTF-8 where JSON Schema counts characters, which have one to four of them. So
// the numbers are what every accepted text keeps to, and the description says the rest.
void add_text_length(json::object& schema, std::size_t least, std::size_t most) {
  constexpr std::size_t kCharacter = 4;  // bytes, at most
  schema["minLength"] = (least + kCharacter - 1) / kCharacter;
  schema["maxLength"] = most;
}

std::string text_length(std::size_t least, std::size_t most) {
  const std::string upper = std::to_string(most) + " bytes of UTF-8.";
  return least == 0 ? "Up to " + upper : std::to_string(least) + " to " + upper;
}

json::object schema_of_type(const Field& field) {
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
      schema["pattern"] = R"(^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$)";
      break;
    case FieldType::kString:
      schema["type"] = "string";
      add_text_length(schema, field.min_length, field.max_length);
      break;
    case FieldType::kIntList: {
      json::object element{{"type", "integer"}};
      add_range(element, field, true);
      schema["type"] = "array";
      schema["items"] = std::move(element);
      schema["minItems"] = field.min_length;
      schema["maxItems"] = field.max_length;
      break;
    }
  }
  return schema;
}

json::object field_schema(const Field& field) {
  json::object schema = schema_of_type(field);
  std::string description = field.help;
  if (field.type == FieldType::kString) {
    description += (description.empty() ? "" : " ") + text_length(field.min_length, field.max_length);
  }
  if (!description.empty()) schema["description"] = description;
  if (field.preset) schema["default"] = *field.preset;
  return schema;
}

json::object object_schema(std::string_view title) {
  return {{"type", "object"}, {"title", title}, {"properties", json::object()}, {"required", json::array()}};
}

void add_property(json::object& schema, std::string_view name, json::value property, bool required) {
  schema["properties"].as_object()[name] = std::move(property);
  if (required) schema["required"].as_array().emplace_back(name);
}

void add_fields(json::object& schema, const Schema& fields) {
  for (const Field& field : fields.fields())
    add_property(schema, field.name, field_schema(field), field.required);
}

// What is stored also has the derived fields; they are numbers (of a record without its optional fields,
// null).
void add_derived(json::object& schema, const Schema& fields) {
  for (const DerivedField& derived : fields.derived()) {
    if (!derived.stored) continue;
    json::object property{{"type", json::array{"number", "null"}}};
    if (!derived.help.empty()) property["description"] = derived.help;
    add_property(schema, derived.name, std::move(property), false);
  }
}

json::value integer(std::string_view description, std::int64_t minimum = 1) {
  return {{"type", "integer"}, {"minimum", minimum}, {"description", description}};
}

json::value text(std::string_view format, std::string_view description) {
  return {{"type", "string"}, {"format", format}, {"description", description}};
}

json::object item_schema(const Domain& domain, bool scored) {
  json::object schema = object_schema(domain.item.title);
  if (scored) add_property(schema, "score", {{"type", "number"}, {"description", "Larger is better."}}, true);
  add_property(schema, domain.item_id_field, integer("The item's id."), true);
  add_fields(schema, domain.items);
  add_derived(schema, domain.items);
  return schema;
}

json::object item_data_schema(const Domain& domain) {
  json::object schema = object_schema(domain.item.title);
  add_property(schema, domain.item_id_field, integer("The item's id; without it, the next free one."), false);
  add_fields(schema, domain.items);
  return schema;
}

json::object user_key_schema() {
  constexpr std::size_t kMost = 128;
  json::object schema{{"type", "string"}, {"pattern", R"(^[^\u0000]*$)"}};
  add_text_length(schema, 1, kMost);
  schema["description"] = "The person's own id, opaque to us. " + text_length(1, kMost);
  return schema;
}

json::object request_data_schema(const Domain& domain, int best) {
  json::object schema = object_schema(domain.request.title);
  add_fields(schema, domain.requests);
  add_property(schema, "user_key", user_key_schema(), false);
  add_property(schema, "candidates",
               {{"type", "array"},
                {"items", {{"type", "integer"}}},
                {"maxItems", best},
                {"description", "Ids of the items to rank instead of the whole catalog."}},
               false);
  std::string conditions;
  for (const Check& check : domain.requests.checks()) conditions += check.left + " " + check.message + ". ";
  if (!conditions.empty()) schema["description"] = conditions;
  return schema;
}

json::object request_schema(const Domain& domain) {
  json::object schema = object_schema(domain.request.title);
  add_property(schema, domain.request.one + "_id", integer("The number of the stored request."), true);
  add_fields(schema, domain.requests);
  add_derived(schema, domain.requests);
  add_property(schema, "creation_time", text("date-time", "When the request came."), true);
  add_property(schema, "user_key", {{"type", "string"}, {"description", "The person's own id."}}, false);
  return schema;
}

json::object result_schema(const Domain& domain) {
  json::object schema = object_schema("Result");
  add_property(schema, "result_id", integer("Inference number x 65,536 + rank."), true);
  add_property(schema, "task_id", text("uuid", "The task that ranked it."), true);
  add_property(schema, domain.request.one + "_id", integer("Whose request it was."), true);
  add_property(schema, domain.item_id_field, integer("What was ranked."), true);
  add_property(schema, "score",
               {{"type", json::array{"number", "null"}}, {"description", "Larger is better."}}, true);
  add_property(schema, "label", {{"type", "integer"}, {"enum", {0, 1}}, {"description", "1: it was picked."}},
               true);
  add_property(schema, "shown", {{"type", "boolean"}, {"description", "Whether it was shown."}}, true);
  add_property(schema, "position", integer("Where it was shown, from 1."), false);
  add_property(schema, "shown_at", text("date-time", "When it was first shown."), false);
  return schema;
}

json::object task_status_schema(const std::string& item) {
  json::object schema = object_schema("TaskStatus");
  add_property(schema, "task_id", text("uuid", "The task's id."), true);
  add_property(schema, "status",
               {{"type", "string"},
                {"enum", {"PENDING", "STARTED", "RETRY", "SUCCESS", "FAILURE", "REVOKED"}},
                {"description", "The state of the task."}},
               true);
  add_property(schema, "type", {{"type", "string"}, {"enum", {"inference", "training"}}}, true);
  add_property(schema, "results",
               {{"type", "array"},
                {"items", {{"$ref", "#/components/schemas/" + item + "Result"}}},
                {"description", "The best results, when they were waited for."}},
               false);
  return schema;
}

json::object label_schema(const Domain& domain) {
  json::object schema = object_schema("LabelData");
  add_property(schema, "task_id", {{"type", "string"}, {"description", "The task whose results were shown."}},
               true);
  add_property(schema, domain.item_id_field,
               {{"type", "integer"}, {"description", "The pick; -1: none chosen."}}, true);
  return schema;
}

constexpr std::string_view kErrorSchemas = R"({
  "Error": {
    "type": "object", "title": "Error", "required": ["detail"],
    "properties": {"detail": {"type": "string", "description": "What failed and why."}}
  },
  "ValidationError": {
    "type": "object", "title": "ValidationError", "required": ["loc", "msg", "type"],
    "properties": {
      "loc": {"type": "array", "items": {"type": ["string", "integer"]}, "description": "Where in the request."},
      "msg": {"type": "string"},
      "type": {"type": "string"}
    }
  },
  "HTTPValidationError": {
    "type": "object", "title": "HTTPValidationError", "required": ["detail"],
    "properties": {"detail": {"anyOf": [
      {"type": "string"},
      {"type": "array", "items": {"$ref": "#/components/schemas/ValidationError"}}
    ]}}
  }
})";

}  // namespace

json::object component_schemas(const Domain& domain, int best) {
  const std::string item = component_name(domain.item.one);
  const std::string request = component_name(domain.request.one);
  json::object schemas = json::parse(kErrorSchemas).as_object();
  schemas[item] = item_schema(domain, false);
  schemas[item + "Data"] = item_data_schema(domain);
  schemas[item + "Result"] = item_schema(domain, true);
  schemas[request] = request_schema(domain);
  schemas[request + "Data"] = request_data_schema(domain, best);
  schemas["Result"] = result_schema(domain);
  schemas["TaskStatus"] = task_status_schema(item);
  schemas["LabelData"] = label_schema(domain);
  return schemas;
}

}  // namespace rankloop::http
