// The one place where an Error becomes an HTTP answer.
#include "domain/strict_json.h"
#include "http/message.h"

namespace rankloop::http {

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 422;
    case ErrorCode::kUnauthenticated:
      return 401;
    case ErrorCode::kPermissionDenied:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kFailedPrecondition:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kAborted:
      return 409;
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kDeadlineExceeded:
      return 504;
    case ErrorCode::kUnimplemented:
      return 501;
    case ErrorCode::kDataLoss:
    case ErrorCode::kInternal:
      return 500;
  }
  return 500;
}

namespace {

// FastAPI's list of faults; a number in a place ("people_age", "2") is an index there.
std::string faults_body(const std::vector<FieldFault>& faults) {
  std::string body = R"({"detail": [)";
  for (const FieldFault& fault : faults) {
    if (&fault != &faults.front()) body += ", ";
    body += R"({"loc": [)";
    for (const std::string& step : fault.loc) {
      if (&step != &fault.loc.front()) body += ", ";
      const bool index =
          !step.empty() && step.size() < 10 && step.find_first_not_of("0123456789") == step.npos;
      if (index) {
        body += step;
      } else {
        append_json_string(body, step);
      }
    }
    body += R"(], "msg": )";
    append_json_string(body, fault.msg);
    body += R"(, "type": )";
    append_json_string(body, fault.type);
    body += '}';
  }
  return body += "]}";
}

}  // namespace

Response error_response(const Error& error) {
  const int status = status_of(error.code);
  if (!error.faults.empty()) return json_response(faults_body(error.faults), status);
  Response response = detail_response(status, error.message);
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace rankloop::http
