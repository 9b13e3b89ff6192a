// Small pieces of the API description that many routes share.
#pragma once

#include <string>

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

// A handler that is a function of the services and the request.
template <class Held, class Function>
Handler bind_handler(Held& services, Function function) {
  return [&services, function](Request& request) { return function(services, request); };
}

}  // namespace rankloop::http
