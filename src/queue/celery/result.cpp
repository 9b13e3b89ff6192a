// Writes the object of a result.
#include "queue/celery/result.h"

#include "domain/strict_json.h"

namespace rankloop::queue::celery {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string meta(std::string_view id, std::string_view status, std::string_view result, Moment done) {
  std::string out = R"({"status": )";
  append_json_string(out, status);
  out.append(R"(, "result": )").append(result);
  out.append(R"(, "traceback": null, "children": [], "date_done": )");
  append_json_string(out, to_iso_moment(done));
  out.append(R"(, "task_id": )");
  append_json_string(out, id);
  return out.append("}");
}

std::string exception_object(std::string_view type, std::string_view message, std::string_view module) {
  return R"({"exc_type": )" + quoted(type) + R"(, "exc_message": [)" + quoted(message) +
         R"(], "exc_module": )" + quoted(module) + "}";
}

}  // namespace

std::string success_meta(std::string_view id, std::string_view result, Moment done) {
  return meta(id, "SUCCESS", result, done);
}

std::string failure_meta(std::string_view id, std::string_view exception, std::string_view message,
                         Moment done) {
  return meta(id, "FAILURE", exception_object(exception, message, "builtins"), done);
}

std::string revoked_meta(std::string_view id, std::string_view reason, Moment done) {
  return meta(id, "REVOKED", exception_object("TaskRevokedError", reason, "celery.exceptions"), done);
}

}  // namespace rankloop::queue::celery
