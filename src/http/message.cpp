// Names of methods, and answers made from bodies.
#include "http/message.h"

#include <utility>

#include "domain/strict_json.h"
#include "http/ascii.h"

namespace rankloop::http {

std::string_view name_of(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
  }
  return "";
}

std::string_view name_of(Role role) {
  switch (role) {
    case Role::kNone:
      return "none";
    case Role::kGuest:
      return "guest";
    case Role::kOperator:
      return "operator";
  }
  return "";
}

std::optional<std::string_view> Request::parameter(std::string_view name) const {
  for (auto it = query.rbegin(); it != query.rend(); ++it) {
    if (it->first == name) return it->second;
  }
  return std::nullopt;
}

std::string_view Request::header(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (equal_ignoring_case(field, name)) return value;
  }
  return {};
}

tables::Bytes Request::take_body() {
  if (stored_body) return *std::exchange(stored_body, std::nullopt);
  return tables::Bytes::of_text(std::exchange(body, {}));
}

Response json_response(std::string body, int status) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response detail_response(int status, std::string_view message) {
  std::string body = R"({"detail": )";
  append_json_string(body, message);
  body += '}';
  return json_response(std::move(body), status);
}

}  // namespace rankloop::http
