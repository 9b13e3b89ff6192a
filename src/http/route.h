// One route: what it matches, what it does, and how the API description speaks of it. All routes stand in
// route_table.cpp.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "http/message.h"

namespace rankloop::http {

// Of routes whose body is a few fields. Bodies up to it are read on the I/O thread (see read_json).
inline constexpr std::size_t kSmallBody = 16U << 10;  // bytes

using Handler = std::function<boost::asio::awaitable<Response>(Request&)>;

struct Parameter {
  std::string name{};
  std::string in{};      // "query", "path", "header"
  std::string schema{};  // JSON Schema text, e.g. {"type":"integer","minimum":1}
  std::string description{};
  bool required = false;
};

// What a client may do next with an answer: an operation, and where its parameters and its body come from.
struct Link {
  std::string name{};
  std::string operation{};                                        // of a route
  std::vector<std::pair<std::string, std::string>> parameters{};  // name, expression: $response.body#/task_id
  std::string body{};                                             // JSON text whose texts may be expressions
};

struct Answer {
  int status = 200;
  std::string description{};
  std::string schema{};  // JSON Schema text, often {"$ref":"#/components/schemas/X"}; empty: no JSON body
  std::string content_type = "application/json";
  std::vector<std::string> headers{};  // beside X-Request-Id, by their names in openapi_answers.cpp
  std::vector<Link> links{};
};

struct Route {
  Method method = Method::kGet;
  std::string path{};  // "/inference/status/{task_id}"; matches with and without a trailing slash
  Handler handle{};
  // For the API description:
  std::string operation{};  // unique, snake_case
  std::string tag{};
  std::string summary{};
  std::string description{};
  std::vector<Parameter> parameters{};
  std::string body_schema{};                                   // JSON Schema text; empty: takes no body
  std::vector<std::string> body_types = {"application/json"};  // accepted Content-Types; else 415
  std::vector<std::string> body_examples{};  // texts, of each type; none: made from the schema
  bool body_required = true;
  std::vector<Answer> answers{};
  // For the pipeline:
  std::size_t max_body = 0;     // bytes; 0: the server's default
  bool stores_body = false;     // a long body goes into a file as it comes: Request::take_body()
  Role role = Role::kOperator;  // what the request's token must give; kNone: none is needed
  bool vital = false;           // answered even when there are too many connections (health)
  bool counted_as_waiting =
      false;  // long polls and streams: bounded apart, cancelled when the client goes away
  std::string waiting_parameter{};  // when set, only requests with this query parameter ("wait") count
  bool hidden = false;              // pages and assets: not in the API description
};

}  // namespace rankloop::http
