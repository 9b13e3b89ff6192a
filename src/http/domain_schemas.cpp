// JSON Schemas of items, requests and results.
#include "http/domain_schemas.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>

#include "app/serve/item_rows.h"
#include "app/serve/request_envelope.h"
#include "domain/body_reader.h"
#include "domain/derivation.h"
#include "domain/field_value.h"
#include "domain/scalar_value.h"
#include "http/described_inputs.h"
#include "http/field_schema.h"
#include "http/openapi.h"
#include "http/routes/pick_input.h"
#include "http/task_kinds.h"
#include "http/wish_schema.h"

namespace rankloop::http {

namespace json = boost::json;

namespace {

// The title is the component's own name, so that no two are the same: generators name their types after it.
json::object object_schema(std::string_view title, std::string_view description) {
  json::object schema{{"type", "object"}, {"title", title}};
  schema["description"] = description;
  schema["properties"] = json::object();
  schema["required"] = json::array();
  return schema;
}

void add_property(json::object& schema, std::string_view name, json::value property, bool required) {
  schema["properties"].as_object()[name] = std::move(property);
  if (required) schema["required"].as_array().emplace_back(name);
}

void add_fields(json::object& schema, const Schema& fields, Sent sent) {
  for (const Field& field : fields.fields())
    add_property(schema, field.name, field_schema(field, sent), field.required);
}

void add_example(json::object& schema, std::optional<json::object> example) {
  if (example) schema["examples"] = json::array{*std::move(example)};
}

json::object derived_schema(const DerivedField& derived) {
  const bool set = makes_set(derived.how);
  json::object schema{{"type", json::array{set                        ? "array"
                                           : makes_words(derived.how) ? "string"
                                                                      : "number",
                                           "null"}}};
  if (set) schema["items"] = json::object{{"type", "string"}};
  return schema;
}

// What is stored also has the derived fields; they are numbers or words (of a record without its optional
// fields, null).
void add_derived(json::object& schema, const Schema& fields) {
  for (const DerivedField& derived : fields.derived()) {
    if (!derived.stored) continue;
    json::object property = derived_schema(derived);
    if (!derived.help.empty()) property["description"] = derived.help;
    add_property(schema, derived.name, std::move(property), false);
  }
}

// A number that names something: from 1 to what is exact in every JSON reader.
json::object id(std::string_view description) {
  return {{"type", "integer"}, {"minimum", 1}, {"maximum", kLargestNumber}, {"description", description}};
}

json::object item_id(const Domain& domain, std::string_view description) {
  json::object schema = item_id_schema(domain.item_id_type);
  schema["description"] = description;
  return schema;
}

json::value text(std::string_view format, std::string_view description) {
  return {{"type", "string"}, {"format", format}, {"description", description}};
}

// What there is to show.
struct Examples {
  ExampleItem existing;
  std::optional<json::object> item;     // as a client sends it, without its id
  std::optional<json::object> request;  // likewise
};

// What a ranked item has beside the stored one's fields, where the request says so.
void add_candidate_fields(json::object& schema, const Domain& domain) {
  for (const Field& field : domain.candidate_fields.fields()) {
    if (domain.items.field(field.name) == nullptr)
      add_property(schema, field.name, field_schema(field, Sent::kOut), false);
  }
}

// Ids, or objects that say more of a candidate where the domain lets a request do so.
BodyMember candidates_member(const Domain& domain, int best) {
  BodyMember member = in_body(app::candidates_input(best, domain.item_id_type));
  if (domain.candidate_fields.fields().empty()) return member;
  json::object fields =
      object_schema("CandidateFields", "What holds of it in this request, in place of the item's own.");
  add_fields(fields, domain.candidate_fields, Sent::kIn);
  fields["additionalProperties"] = false;
  allow_null(fields);
  json::object entry = object_schema("CandidateEntry", "An item's id, and what holds of it in this request.");
  add_property(entry, std::string{kItemEntryId}, item_id(domain, "The item's id."), true);
  add_property(entry, "fields", std::move(fields), false);
  entry["additionalProperties"] = false;
  member.schema["items"] = json::object{{"anyOf", json::array{member.schema["items"], entry}}};
  return member;
}

json::object item_schema(const Domain& domain, const std::string& name, bool scored,
                         const Examples& examples) {
  json::object schema =
      object_schema(name, domain.item.title + (scored ? ", as it was ranked." : ", as it is stored."));
  schema["x-rankloop-noun"] = domain.item.title;
  std::optional<json::object> example;
  if (examples.item) {
    example = json::object{{domain.item_id_field, examples.existing.id}};
    if (scored) (*example)["score"] = 2.5;
    for (const auto& [field, value] : *examples.item) (*example)[field] = value;
  }
  if (scored) add_property(schema, "score", {{"type", "number"}, {"description", "Larger is better."}}, true);
  add_property(schema, domain.item_id_field, item_id(domain, "The item's id."), true);
  add_fields(schema, domain.items, Sent::kOut);
  add_derived(schema, domain.items);
  if (scored) add_candidate_fields(schema, domain);
  add_example(schema, std::move(example));
  return schema;
}

json::object item_data_schema(const Domain& domain, const std::string& name, const Examples& examples) {
  json::object schema = object_schema(name, domain.item.title + ", as a client sends it.");
  const bool counted = domain.item_id_type == ItemIdType::kNumber;
  json::object given =
      item_id(domain, counted ? "The item's id; without it, the next free one." : "The item's id.");
  if (counted) allow_null(given);
  add_property(schema, domain.item_id_field, std::move(given), !counted);
  add_fields(schema, domain.items, Sent::kIn);
  std::optional<json::object> example = examples.item;
  if (example && !counted) (*example)[domain.item_id_field] = examples.existing.id;
  add_example(schema, std::move(example));
  return schema;
}

// What PATCH takes: any of the fields.
json::object item_change_schema(const Domain& domain, const std::string& name, const Examples& examples) {
  json::object schema = object_schema(name, "The fields that change; null takes an optional one away.");
  for (const Field& field : domain.items.fields()) {
    json::object property = field_schema(field, Sent::kIn);
    property.erase("default");
    add_property(schema, field.name, std::move(property), false);
  }
  schema.erase("required");
  if (examples.item && !examples.item->empty()) {
    const auto& first = *examples.item->begin();
    add_example(schema, json::object{{first.key(), first.value()}});
  }
  return schema;
}

// Which fields need not be said of a person of whom they are stored.
std::string stored_words(const Domain& domain) {
  std::string names;
  for (const Field& field : domain.person.fields()) names += (names.empty() ? "" : ", ") + field.name;
  return names.empty()
             ? names
             : " With a user_key these may be left out where they are stored of the person: " + names + ".";
}

json::object request_data_schema(const Domain& domain, const std::string& name, int best,
                                 const Examples& examples) {
  std::string conditions;
  for (const Check& check : domain.requests.checks())
    conditions += " " + check.left + " " + check.message + ".";
  json::object schema = object_schema(
      name, domain.request.title + ", as a client sends it." + conditions + stored_words(domain));
  schema["x-rankloop-noun"] = domain.request.title;
  for (const Field& field : domain.requests.fields()) {
    const bool may_be_stored = domain.person.field(field.name) != nullptr;
    add_property(schema, field.name, field_schema(field, Sent::kIn), field.required && !may_be_stored);
  }
  for (BodyMember& member : std::array{in_body(app::kUserKey), candidates_member(domain, best)})
    add_property(schema, member.name, std::move(member.schema), false);
  if (domain.requests.field(app::kWishes) == nullptr)
    add_property(schema, app::kWishes, wishes_schema(domain), false);
  add_example(schema, examples.request);
  return schema;
}

json::object request_schema(const Domain& domain, const std::string& name) {
  json::object schema = object_schema(name, domain.request.title + ", as it is stored.");
  add_property(schema, domain.request.one + "_id", id("The number of the stored request."), true);
  add_fields(schema, domain.requests, Sent::kOut);
  add_derived(schema, domain.requests);
  add_property(schema, "creation_time", text("date-time", "When the request came."), true);
  add_property(schema, "user_key", {{"type", "string"}, {"description", "The person's own id."}}, false);
  return schema;
}

json::object result_schema(const Domain& domain) {
  json::object schema = object_schema("Result", "One item of a ranking, and what became of it.");
  add_property(schema, "result_id", id("Inference number x 65,536 + rank."), true);
  add_property(schema, "task_id", text("uuid", "The task that ranked it."), true);
  add_property(schema, domain.request.one + "_id", id("Whose request it was."), true);
  add_property(schema, domain.item_id_field, item_id(domain, "What was ranked."), true);
  add_property(schema, "score",
               {{"type", json::array{"number", "null"}}, {"description", "Larger is better."}}, true);
  add_property(schema, "label", {{"type", "integer"}, {"enum", {0, 1}}, {"description", "1: it was picked."}},
               true);
  add_property(schema, "shown", {{"type", "boolean"}, {"description", "Whether it was shown."}}, true);
  add_property(schema, "position", id("Where it was shown, from 1."), false);
  add_property(schema, "shown_at", text("date-time", "When it was first shown."), false);
  return schema;
}

json::value left_out_schema(const Domain& domain) {
  const json::object reason{{"type", "string"},
                            {"enum", {"unknown", "deleted", "doubled", "ruled_out", "uncomputable"}},
                            {"description", "Why it was not ranked."}};
  const json::object one{
      {"type", "object"},
      {"required", {"id", "reason"}},
      {"properties", {{"id", item_id(domain, "What the request named.")}, {"reason", reason}}}};
  return {{"type", "array"},
          {"items", one},
          {"description",
           "Candidates that were not ranked, if there are any, once the task has succeeded; texts that name "
           "nothing are told by the start, too."}};
}

json::object task_status_schema(const Domain& domain, const std::string& item) {
  json::object schema = object_schema("TaskStatus", "A task and its state.");
  add_property(schema, "task_id", text("uuid", "The task's id."), true);
  add_property(schema, "status",
               {{"type", "string"},
                {"enum", {"PENDING", "STARTED", "RETRY", "SUCCESS", "FAILURE", "REVOKED"}},
                {"description", "The state of the task."}},
               true);
  add_property(schema, "type", {{"type", "string"}, {"enum", json::value_from(task_kind_words())}}, true);
  add_property(schema, "left_out", left_out_schema(domain), false);
  add_property(schema, "results",
               {{"type", "array"},
                {"items", {{"$ref", "#/components/schemas/" + item + "Result"}}},
                {"description", "The best results, when they were waited for."}},
               false);
  return schema;
}

constexpr std::string_view kErrorSchemas = R"({
  "Error": {
    "type": "object", "title": "Error", "required": ["detail"], "description": "Why there is no other answer.",
    "properties": {"detail": {"type": "string", "description": "What failed and why."}},
    "examples": [{"detail": "Task not found"}]
  },
  "ValidationError": {
    "type": "object", "title": "ValidationError", "required": ["loc", "msg", "type"],
    "description": "One fault of the input.",
    "properties": {
      "loc": {"type": "array", "items": {"type": ["string", "integer"]}, "description": "Where in the request."},
      "msg": {"type": "string", "description": "What is wrong and what is allowed."},
      "type": {"type": "string", "description": "The kind of the fault."}
    }
  },
  "HTTPValidationError": {
    "type": "object", "title": "HTTPValidationError", "required": ["detail"],
    "description": "Every fault of the input.",
    "properties": {"detail": {"anyOf": [
      {"type": "string"},
      {"type": "array", "items": {"$ref": "#/components/schemas/ValidationError"}}
    ]}},
    "examples": [{"detail": [{"loc": ["body", "name"], "msg": "Field required", "type": "missing"}]}]
  }
})";

}  // namespace

json::object component_schemas(const Domain& domain, int best, const ExampleItem& existing) {
  const std::string item = component_name(domain.item.one);
  const std::string request = component_name(domain.request.one);
  const Examples examples{existing, item_example(domain, existing), request_example(domain, existing)};
  json::object schemas = json::parse(kErrorSchemas).as_object();
  schemas[item] = item_schema(domain, item, false, examples);
  schemas[item + "Data"] = item_data_schema(domain, item + "Data", examples);
  schemas[item + "Change"] = item_change_schema(domain, item + "Change", examples);
  schemas[item + "Result"] = item_schema(domain, item + "Result", true, examples);
  schemas[request] = request_schema(domain, request);
  schemas[request + "Data"] = request_data_schema(domain, request + "Data", best, examples);
  schemas["Result"] = result_schema(domain);
  schemas["TaskStatus"] = task_status_schema(domain, item);
  schemas["LabelData"] = pick_schema(domain, "LabelData", examples.existing.id);
  return schemas;
}

}  // namespace rankloop::http
