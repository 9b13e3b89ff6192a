#include "http/openapi.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "http/ascii.h"
#include "http/domain_schemas.h"

namespace rankloop::http {

namespace json = boost::json;

namespace {

constexpr std::string_view kErrorSchema = R"({"$ref":"#/components/schemas/Error"})";
constexpr std::string_view kValidationSchema = R"({"$ref":"#/components/schemas/HTTPValidationError"})";

json::object answer_object(std::string_view description, std::string_view schema,
                           std::string_view content_type = "application/json") {
  json::object answer{{"description", description}};
  if (!schema.empty()) answer["content"] = {{content_type, {{"schema", json::parse(schema)}}}};
  return answer;
}

bool changes_state(const Route& route) {
  return route.method != Method::kGet;
}

bool takes_key(const Route& route) {
  return route.method == Method::kPost || route.method == Method::kPut;
}

bool has_path_parameters(const Route& route) {
  return route.path.find('{') != std::string::npos;
}

// What the machinery itself can answer, whatever the route does.
void add_general_answers(json::object& answers, const Route& route, bool token_asked) {
  const auto add = [&](std::string_view status, std::string_view description,
                       std::string_view schema = kErrorSchema) {
    if (!answers.contains(status)) answers[status] = answer_object(description, schema);
  };
  add("400", "The request is no valid HTTP, or an escape in its target is broken");
  const bool guarded = token_asked && route.role != Role::kNone;
  if (guarded) add("401", "A valid bearer token is needed");
  std::string forbidden = changes_state(route)
                              ? "The request comes from another site, or names a foreign Host"
                              : "The request names a foreign Host";
  if (guarded && route.role == Role::kOperator) forbidden += "; or the token is a guest's";
  add("403", forbidden);
  if (has_path_parameters(route)) add("404", "There is no such thing");
  add("405", "Another method is needed; Allow names those there are");
  add("408", "The request took too long to arrive");
  if (takes_key(route)) add("409", "The Idempotency-Key was used for another request");
  add("413", "The body is too large");
  if (!route.body_schema.empty()) add("415", "The Content-Type is another one");
  if (!route.body_schema.empty() || !route.parameters.empty() || takes_key(route)) {
    add("422", "The input is invalid", kValidationSchema);
  }
  if (guarded) add("429", "Too many wrong tokens came from there; Retry-After says when to come again");
  add("431", "The head of the request is too large");
  if (!route.body_schema.empty()) add("501", "The Transfer-Encoding is another one than chunked");
  add("500", "A fault of the server; X-Request-Id leads to it in the log");
  add("503", "Too busy or stopping; Retry-After says when to come again");
}

json::object parameter_object(const Parameter& parameter) {
  return {{"name", parameter.name},
          {"in", parameter.in},
          {"description", parameter.description},
          {"required", parameter.required},
          {"schema", json::parse(parameter.schema)}};
}

Parameter idempotency_parameter() {
  return {"Idempotency-Key", "header",
          R"({"type":"string","minLength":1,"maxLength":255,"pattern":"^[!-~]+$"})",
          "The same key with the same request is carried out once and answered the same", false};
}

json::object body_object(const Route& route) {
  json::object content;
  for (const std::string& type : route.body_types)
    content[type] = {{"schema", json::parse(route.body_schema)}};
  return {{"required", route.body_required}, {"content", std::move(content)}};
}

json::object operation_object(const Route& route, bool token_asked) {
  json::object operation{{"operationId", route.operation}, {"summary", route.summary}};
  if (!route.tag.empty()) operation["tags"] = json::array{route.tag};
  if (!route.description.empty()) operation["description"] = route.description;
  json::array parameters;
  for (const Parameter& parameter : route.parameters) parameters.push_back(parameter_object(parameter));
  if (takes_key(route)) parameters.push_back(parameter_object(idempotency_parameter()));
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!route.body_schema.empty()) operation["requestBody"] = body_object(route);
  json::object answers;
  for (const Answer& answer : route.answers) {
    answers[std::to_string(answer.status)] =
        answer_object(answer.description, answer.schema, answer.content_type);
  }
  add_general_answers(answers, route, token_asked);
  operation["responses"] = std::move(answers);
  operation["x-rankloop-role"] = name_of(route.role);
  if (token_asked) {
    json::array needed;
    if (route.role != Role::kNone)
      needed.push_back(json::object{{"token", json::array{name_of(route.role)}}});
    operation["security"] = std::move(needed);
  }
  return operation;
}

std::string lower_name(Method method) {
  std::string name(name_of(method));
  for (char& c : name) c = to_lower(c);
  return name;
}

}  // namespace

std::string component_name(std::string_view noun) {
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
  return name;
}

std::string openapi_document(std::span<const Route> routes, const Domain& domain, int best,
                             std::string_view version, bool token_asked) {
  json::object paths;
  for (const Route& route : routes) {
    if (route.hidden) continue;
    json::value& path = paths[route.path];
    if (!path.is_object()) path.emplace_object();
    path.as_object()[lower_name(route.method)] = operation_object(route, token_asked);
  }
  json::object components{{"schemas", component_schemas(domain, best)}};
  json::object document{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "rankloop: " + domain.title}, {"version", version}, {"description", domain.description}}},
      {"paths", std::move(paths)}};
  if (token_asked) {
    components["securitySchemes"] = {{"token", {{"type", "http"}, {"scheme", "bearer"}}}};
    document["security"] = json::array{json::object{{"token", json::array()}}};
  }
  document["components"] = std::move(components);
  return json::serialize(document);
}

}  // namespace rankloop::http
