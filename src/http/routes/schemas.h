// Small pieces of the API description that many routes share.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "http/described_inputs.h"
#include "http/route.h"
#include "http/routes/services.h"

namespace rankloop::http {

inline std::string schema_of(const std::string& component) {
  return R"({"$ref":"#/components/schemas/)" + component + R"("})";
}

inline std::string array_of(const std::string& schema) {
  return R"({"type":"array","items":)" + schema + "}";
}

inline Parameter task_parameter() {
  return {"task_id", "path", R"({"type":"string","format":"uuid"})", "The task's id", true};
}

// Server-Sent Events, which have no schema of their own: `data` says what the data of each one is.
inline std::string event_stream(const std::string& event, const std::string& data) {
  return R"({"description":"Server-Sent Events named )" + event + ". The data of each: " + data +
         R"(, as JSON.","examples":["event: )" + event + R"(\ndata: {\"status\":\"SUCCESS\"}\n\n"]})";
}

// A number that names something, from 1 to what is exact in every JSON reader.
inline std::string number_schema(std::int64_t example = 1) {
  return R"({"type":"integer","minimum":1,"maximum":9007199254740991,"examples":[)" +
         std::to_string(example) + "]}";
}

inline Parameter number_parameter(const std::string& name, const std::string& what,
                                  std::int64_t example = 1) {
  return {name, "path", number_schema(example), what, true};
}

// `example`: the id of an item that exists.
inline Parameter item_parameter(ItemIdType type, const std::string& name, const std::string& what,
                                const boost::json::value& example) {
  boost::json::object schema = item_id_schema(type);
  schema["examples"] = boost::json::array{example};
  return {name, "path", boost::json::serialize(schema), what, true};
}

// What an operation on the domain's nouns is called: nouns that other operations speak of are told apart.
inline std::string operation_name(const std::string& verb, const std::string& noun) {
  constexpr std::array<std::string_view, 8> kOthers = {"domain", "experiment", "experiments", "log",
                                                       "model",  "models",     "task",        "tasks"};
  const bool taken = std::find(kOthers.begin(), kOthers.end(), noun) != kOthers.end();
  return verb + "_" + (taken ? "content_" : "") + noun;
}

// What may be done next with the task that an answer names, or with whatever else `from` names.
inline Link link_to(const std::string& operation, const std::string& parameter, const std::string& from) {
  return {operation, operation, {{parameter, from}}};
}

inline std::vector<Link> task_links(const std::vector<std::string>& operations,
                                    const std::string& from = "$response.body#/task_id") {
  std::vector<Link> links;
  for (const std::string& operation : operations) links.push_back(link_to(operation, "task_id", from));
  return links;
}

// A handler that is a function of the services and the request.
template <class Held, class Function>
Handler bind_handler(Held& services, Function function) {
  return [&services, function](Request& request) { return function(services, request); };
}

}  // namespace rankloop::http
