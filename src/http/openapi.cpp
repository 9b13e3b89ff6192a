// Writes the description: paths, parameters, bodies, answers.
#include "http/openapi.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "http/ascii.h"
#include "http/described_inputs.h"
#include "http/domain_schemas.h"
#include "http/idempotency.h"
#include "http/openapi_answers.h"
#include "http/schema_sample.h"

namespace rankloop::http {

namespace json = boost::json;

namespace {

bool takes_key(const Route& route) {
  return route.method == Method::kPost || route.method == Method::kPut;
}

// An example is what a form is filled with. So a parameter that may be left out has one only where its preset
// says so: what nobody asked for narrows no list.
json::object parameter_object(const Parameter& parameter, const json::object& schemas) {
  json::value schema = json::parse(parameter.schema);
  json::object object{{"name", parameter.name},
                      {"in", parameter.in},
                      {"description", parameter.description},
                      {"required", parameter.required}};
  if (parameter.required || schema.as_object().contains("default"))
    object["example"] = sample_of(schema, schemas);
  object["schema"] = std::move(schema);
  return object;
}

json::object body_object(const Route& route, const json::object& schemas) {
  json::object content;
  const json::value schema = json::parse(route.body_schema);
  for (std::size_t i = 0; i < route.body_types.size(); ++i) {
    json::value example =
        i < route.body_examples.size() ? json::value(route.body_examples[i]) : sample_of(schema, schemas);
    content[route.body_types[i]] = {{"schema", schema}, {"example", std::move(example)}};
  }
  return {{"required", route.body_required}, {"content", std::move(content)}};
}

json::object operation_object(const Route& route, bool token_asked, const json::object& schemas) {
  json::object operation{{"operationId", route.operation}, {"summary", route.summary}};
  if (!route.tag.empty()) operation["tags"] = json::array{route.tag};
  operation["description"] = route.description.empty() ? route.summary + "." : route.description;
  json::array parameters;
  for (const Parameter& parameter : route.parameters)
    parameters.push_back(parameter_object(parameter, schemas));
  if (takes_key(route)) parameters.push_back(parameter_object(in_header(kIdempotencyKey), schemas));
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!route.body_schema.empty()) operation["requestBody"] = body_object(route, schemas);
  operation["responses"] = answers_of(route, token_asked, schemas);
  operation["x-rankloop-role"] = name_of(route.role);
  if (token_asked) {
    json::array needed;
    if (route.role != Role::kNone) needed.push_back(json::object{{"token", json::array()}});
    operation["security"] = std::move(needed);
  }
  return operation;
}

std::string lower_name(Method method) {
  std::string name(name_of(method));
  for (char& c : name) c = to_lower(c);
  return name;
}

// The tags that routes have, in the order in which people meet them.
json::array tag_objects(std::span<const Route> routes) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kTags = {{
      {"inference", "Ask for a ranking, read it, say what was picked"},
      {"training", "Learn from what was shown and picked"},
      {"evaluations", "What another way of ranking would have earned"},
      {"models", "Which models there are, and which of them answer"},
      {"experiments", "Models that answer people of their own, and which of them does better"},
      {"domain", "What is ranked here, and by what: the domain file"},
      {"items", "Change the catalog"},
      {"content", "Read what is stored"},
      {"persons", "What is stored of people, all that is known of one, and erasures"},
      {"tasks", "The ledger of all tasks"},
      {"monitoring", "Whether the loop and the models are well"},
      {"simulate", "Simulated guests, in demo mode"},
  }};
  json::array tags;
  const auto add = [&](std::string_view name, std::string_view description) {
    const auto has = [&](const Route& route) { return !route.hidden && route.tag == name; };
    if (std::any_of(routes.begin(), routes.end(), has))
      tags.push_back(json::object{{"name", name}, {"description", description}});
  };
  for (const auto& [name, description] : kTags) add(name, description);
  add("system", "The process itself");
  return tags;
}

// Of the answers those that the paths name, and of the headers those that paths and answers name.
void leave_out_unused(json::object& components, std::string_view kind, const std::string& text) {
  json::object used;
  for (auto& [name, component] : components[kind].as_object()) {
    const std::string reference = "\"#/components/" + std::string(kind) + "/" + std::string(name) + "\"";
    if (text.find(reference) != std::string::npos) used[name] = std::move(component);
  }
  components[kind] = std::move(used);
}

}  // namespace

std::string component_name(std::string_view noun) {
  // Names that would be those of other components.
  constexpr std::array<std::string_view, 4> kTaken = {"error", "validation_error", "task_status", "label"};
  const auto ends = [&](std::string_view end) { return noun.ends_with(end); };
  const bool taken = std::find(kTaken.begin(), kTaken.end(), noun) != kTaken.end() || ends("_data") ||
                     ends("_change") || ends("_result");
  std::string name;
  bool begin = true;
  for (char c : noun) {
    if (c == '_' || c == '-' || c == ' ') {
      begin = true;
    } else {
      name += begin && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      begin = false;
    }
  }
  return taken ? name + "Record" : name;
}

std::string openapi_document(std::span<const Route> routes, const Domain& domain, const ApiFacts& facts) {
  json::object schemas = component_schemas(domain, facts.best, facts.item);
  json::object paths;
  for (const Route& route : routes) {
    if (route.hidden) continue;
    json::value& path = paths[route.path];
    if (!path.is_object()) path.emplace_object();
    path.as_object()[lower_name(route.method)] = operation_object(route, facts.token_asked, schemas);
  }
  const std::string about = domain.description.empty() ? domain.title : domain.description;
  json::object document{
      {"openapi", "3.1.0"},
      {"info", {{"title", "rankloop: " + domain.title}, {"version", facts.version}, {"description", about}}},
      {"servers", json::array{json::object{{"url", "/"}, {"description", "This server"}}}},
      {"tags", tag_objects(routes)},
      {"paths", std::move(paths)},
      {"security", json::array()}};
  json::object components{
      {"schemas", std::move(schemas)}, {"responses", answer_components()}, {"headers", header_components()}};
  std::string text = json::serialize(document["paths"]);
  leave_out_unused(components, "responses", text);
  text += json::serialize(components["responses"]);
  leave_out_unused(components, "headers", text);
  if (facts.token_asked) {
    components["securitySchemes"] = {
        {"token",
         {{"type", "http"}, {"scheme", "bearer"}, {"description", "The operator's or a guest's token"}}}};
    document["security"] = json::array{json::object{{"token", json::array()}}};
  }
  document["components"] = std::move(components);
  return json::serialize(document);
}

}  // namespace rankloop::http
