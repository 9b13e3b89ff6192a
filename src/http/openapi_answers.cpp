// The answers and headers that routes share, in the description.
#include "http/openapi_answers.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "http/schema_sample.h"

namespace rankloop::http {

namespace json = boost::json;

namespace {

constexpr std::string_view kError = R"({"$ref":"#/components/schemas/Error"})";
constexpr std::string_view kInvalid = R"({"$ref":"#/components/schemas/HTTPValidationError"})";

struct GeneralAnswer {
  std::string_view name;
  std::string_view status;
  std::string_view description;
  std::string_view header{};
  std::string_view schema = kError;
};

constexpr std::array kGeneral = {
    GeneralAnswer{"BadRequest", "400", "The request is no valid HTTP, or an escape in its target is broken"},
    GeneralAnswer{"NoToken", "401", "A valid bearer token is needed", "WWW-Authenticate"},
    GeneralAnswer{"ForeignHost", "403", "The request names a foreign Host"},
    GeneralAnswer{"ForeignSite", "403", "The request comes from another site, or names a foreign Host"},
    GeneralAnswer{"ForeignHostOrGuest", "403", "The request names a foreign Host, or the token is a guest's"},
    GeneralAnswer{"ForeignSiteOrGuest", "403",
                  "The request comes from another site, names a foreign Host, or the token is a guest's"},
    GeneralAnswer{"NotFound", "404", "There is no such thing"},
    GeneralAnswer{"OtherMethod", "405", "Another method is needed; Allow names those there are", "Allow"},
    GeneralAnswer{"TooSlow", "408", "The request took too long to arrive"},
    GeneralAnswer{"KeyTaken", "409", "The Idempotency-Key was used for another request"},
    GeneralAnswer{"TooLarge", "413", "The body is too large"},
    GeneralAnswer{"OtherType", "415", "The Content-Type is another one; Accept names those there are",
                  "Accept"},
    GeneralAnswer{"OtherExpectation", "417", "The only expectation met is 100-continue"},
    GeneralAnswer{"InvalidInput", "422", "The input is invalid", {}, kInvalid},
    GeneralAnswer{"TooMany", "429", "Too much was asked from there; Retry-After says when to come again",
                  "Retry-After"},
    GeneralAnswer{"HeadTooLarge", "431", "The head of the request is too large"},
    GeneralAnswer{"Fault", "500", "A fault of the server; X-Request-Id leads to it in the log"},
    GeneralAnswer{"OtherCoding", "501", "The Transfer-Encoding is another one than chunked"},
    GeneralAnswer{"Busy", "503", "Too busy or stopping; Retry-After says when to come again", "Retry-After"},
};

json::object reference(std::string_view kind, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

json::object headers(const std::vector<std::string>& names) {
  json::object object{{"X-Request-Id", reference("headers", "X-Request-Id")}};
  for (const std::string& name : names) object[name] = reference("headers", name);
  return object;
}

// An error says what its description says.
json::object content(std::string_view schema, std::string_view type, json::value example) {
  return {{type, {{"schema", json::parse(schema)}, {"example", std::move(example)}}}};
}

json::object link_object(const Link& link) {
  json::object object{{"operationId", link.operation}};
  if (!link.parameters.empty()) {
    json::object parameters;
    for (const auto& [name, expression] : link.parameters) parameters[name] = expression;
    object["parameters"] = std::move(parameters);
  }
  if (!link.body.empty()) object["requestBody"] = json::parse(link.body);
  return object;
}

json::object answer_object(const Answer& answer, const json::object& schemas) {
  json::object object{{"description", answer.description}, {"headers", headers(answer.headers)}};
  if (!answer.schema.empty()) {
    json::value example = answer.schema == kError ? json::object{{"detail", answer.description}}
                                                  : sample_of(json::parse(answer.schema), schemas);
    object["content"] = content(answer.schema, answer.content_type, std::move(example));
  }
  if (!answer.links.empty()) {
    json::object links;
    for (const Link& link : answer.links) links[link.name] = link_object(link);
    object["links"] = std::move(links);
  }
  return object;
}

std::string_view forbidden(const Route& route, bool guarded) {
  const bool guests_may_not = guarded && route.role == Role::kOperator;
  if (route.method == Method::kGet) return guests_may_not ? "ForeignHostOrGuest" : "ForeignHost";
  return guests_may_not ? "ForeignSiteOrGuest" : "ForeignSite";
}

// Which of the general answers the machinery can give on a route.
std::vector<std::string_view> general_answers(const Route& route, bool token_asked) {
  const bool guarded = token_asked && route.role != Role::kNone;
  const bool takes_key = route.method == Method::kPost || route.method == Method::kPut;
  const bool takes_body = !route.body_schema.empty();
  const bool bounded = route.role == Role::kGuest && route.method != Method::kGet;
  std::vector<std::string_view> names = {"BadRequest",   forbidden(route, guarded),
                                         "OtherMethod",  "TooSlow",
                                         "TooLarge",     "OtherExpectation",
                                         "HeadTooLarge", "Fault",
                                         "OtherCoding",  "Busy"};
  if (guarded) names.emplace_back("NoToken");
  if (route.path.find('{') != std::string::npos) names.emplace_back("NotFound");
  if (takes_key) names.emplace_back("KeyTaken");
  if (takes_body) names.emplace_back("OtherType");
  if (takes_body || !route.parameters.empty() || takes_key) names.emplace_back("InvalidInput");
  if (guarded || bounded) names.emplace_back("TooMany");
  return names;
}

}  // namespace

json::object answers_of(const Route& route, bool token_asked, const json::object& schemas) {
  json::object answers;
  for (const Answer& answer : route.answers) {
    json::object object = answer_object(answer, schemas);
    const std::string status = std::to_string(answer.status);
    // Of one status in two forms, each is a content of its own.
    if (const json::value* same = answers.if_contains(status);
        same != nullptr && object.contains("content")) {
      for (const auto& form : same->as_object().at("content").as_object())
        object["content"].as_object().insert_or_assign(form.key(), form.value());
    }
    answers[status] = std::move(object);
  }
  const std::vector<std::string_view> general = general_answers(route, token_asked);
  for (const GeneralAnswer& answer : kGeneral) {
    const bool given = std::find(general.begin(), general.end(), answer.name) != general.end();
    if (given && !answers.contains(answer.status))
      answers[answer.status] = reference("responses", answer.name);
  }
  return answers;
}

json::object answer_components() {
  json::object components;
  for (const GeneralAnswer& answer : kGeneral) {
    std::vector<std::string> named;
    if (!answer.header.empty()) named.emplace_back(answer.header);
    json::value example = json::object{{"detail", answer.description}};
    if (answer.schema == kInvalid) {
      example = json::parse(R"({"detail":[{"loc":["query","limit"],"type":"int_parsing",)"
                            R"("msg":"'0' is not a whole number from 1 to 1000"}]})");
    }
    components[answer.name] = {{"description", answer.description},
                               {"headers", headers(named)},
                               {"content", content(answer.schema, "application/json", std::move(example))}};
  }
  return components;
}

json::object header_components() {
  json::object components;
  const auto add = [&](std::string_view name, std::string_view description, std::string_view schema) {
    components[name] = {{"description", description}, {"schema", json::parse(schema)}};
  };
  constexpr std::string_view kText = R"({"type":"string"})";
  constexpr std::string_view kCount = R"({"type":"integer","minimum":0})";
  add("X-Request-Id", "The request's own if it sent a sane one, else a new one; the log names it", kText);
  add("X-Total-Count", "How many there are on all pages", kCount);
  add("X-Ignored-Fields", "Fields of the body that nobody reads, if there are any", kText);
  add("X-Left-Out",
      "Candidates that were not ranked, each with its reason, if there are any; the first fifty", kText);
  add("Idempotency-Replayed", "true: the answer is that of an earlier request with the same Idempotency-Key",
      kText);
  add("Link", "<address>; rel=\"next\": where the next page is, if there is one", kText);
  add("Content-Disposition", "The name of the file", kText);
  add("Retry-After", "In how many seconds to come again", kCount);
  add("Allow", "The methods there are", kText);
  add("Accept", "The Content-Types there are", kText);
  add("WWW-Authenticate", "How to show a token", kText);
  return components;
}

}  // namespace rankloop::http
