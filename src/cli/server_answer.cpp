// Finds the words in a server's refusal.
#include "cli/server_answer.h"

#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "domain/utf8.h"

namespace rankloop::cli {
namespace {

ErrorCode code_of(int status) {
  switch (status) {
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
      return ErrorCode::kNotFound;
    case 409:
      return ErrorCode::kFailedPrecondition;
    case 503:
      return ErrorCode::kUnavailable;
    default:
      return status / 100 == 4 ? ErrorCode::kInvalidArgument : ErrorCode::kInternal;
  }
}

std::string text_of(const boost::json::value& value) {
  if (value.is_string()) return std::string{value.get_string()};
  return value.is_int64() ? std::to_string(value.get_int64()) : std::string{};
}

std::vector<FieldFault> faults_of(const boost::json::array& detail) {
  std::vector<FieldFault> faults;
  for (const boost::json::value& each : detail) {
    const boost::json::object* object = each.if_object();
    const boost::json::value* message = object ? object->if_contains("msg") : nullptr;
    const boost::json::value* place = object ? object->if_contains("loc") : nullptr;
    if (message == nullptr || place == nullptr || !place->is_array()) continue;
    FieldFault& fault = faults.emplace_back();
    for (const boost::json::value& step : place->get_array()) fault.loc.push_back(text_of(step));
    fault.msg = text_of(*message);
  }
  return faults;
}

}  // namespace

Error error_of(const client::Answer& answer) {
  constexpr std::size_t kShownBytes = 500;
  const std::string refused = "the server answered " + std::to_string(answer.status);
  boost::system::error_code fault;
  const boost::json::value body = boost::json::parse(answer.body, fault);
  const boost::json::object* object = fault ? nullptr : body.if_object();
  const boost::json::value* detail = object ? object->if_contains("detail") : nullptr;
  if (detail != nullptr && detail->is_string())
    return {code_of(answer.status), refused + ": " + text_of(*detail)};
  if (detail != nullptr && detail->is_array()) {
    if (std::vector<FieldFault> faults = faults_of(detail->get_array()); !faults.empty())
      return invalid_fields(std::move(faults));
  }
  return {code_of(answer.status), refused + ": " + std::string{utf8_prefix(answer.body, kShownBytes)}};
}

}  // namespace rankloop::cli
