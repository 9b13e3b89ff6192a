#include "http/routes/inputs.h"

#include <algorithm>
#include <charconv>

#include "domain/strict_json.h"
#include "domain/units.h"

namespace rankloop::http {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

void QueryReader::fault(std::string_view name, std::string message, std::string type) {
  faults_.push_back({{"query", std::string{name}}, std::move(message), std::move(type)});
}

std::int64_t QueryReader::integer(std::string_view name, std::int64_t preset, std::int64_t minimum,
                                  std::int64_t maximum) {
  const std::optional<std::string_view> text = request_.parameter(name);
  if (!text) return preset;
  const std::optional<std::int64_t> value = whole_number(*text);
  if (value && *value >= minimum && *value <= maximum) return *value;
  fault(name,
        "'" + std::string{*text} + "' is not a whole number from " + std::to_string(minimum) + " to " +
            std::to_string(maximum),
        "int_parsing");
  return preset;
}

bool QueryReader::flag(std::string_view name) {
  const std::optional<std::string_view> text = request_.parameter(name);
  if (!text || *text == "false" || *text == "0") return false;
  if (*text == "true" || *text == "1") return true;
  fault(name, "'" + std::string{*text} + "' is neither true nor false", "bool_parsing");
  return false;
}

std::optional<std::chrono::milliseconds> QueryReader::duration(std::string_view name,
                                                               std::chrono::milliseconds most) {
  const std::optional<std::string_view> text = request_.parameter(name);
  if (!text) return std::nullopt;
  const auto value = parse_duration(*text);
  if (!value) {
    fault(name, "'" + std::string{*text} + "' is no duration such as 500ms or 30s", "duration_parsing");
    return std::nullopt;
  }
  return std::min(*value, most);
}

std::optional<std::string_view> QueryReader::required(std::string_view name) {
  const std::optional<std::string_view> text = request_.parameter(name);
  if (!text) fault(name, "Field required", "missing");
  return text;
}

Status QueryReader::status() const {
  if (faults_.empty()) return {};
  return invalid_fields(faults_);
}

Result<TaskId> task_in_path(const Request& request) {
  const std::optional<TaskId> id = TaskId::parse(request.path_values.front());
  if (!id) return Error{ErrorCode::kNotFound, "Task not found"};
  return *id;
}

Result<std::int64_t> number_in_path(const Request& request, std::string_view what) {
  const std::optional<std::int64_t> id = whole_number(request.path_values.back());
  if (!id) return Error{ErrorCode::kNotFound, std::string{what}};
  return *id;
}

Result<boost::json::value> json_body(const Request& request) {
  return json_of(request.body);
}

Result<boost::json::value> json_of(std::string_view text) {
  Result<boost::json::value> body = parse_strict_json(text);
  if (body) return body;
  Error error = body.error();
  for (FieldFault& fault : error.faults) {
    if (fault.loc.empty() || fault.loc.front() != "body") fault.loc.insert(fault.loc.begin(), "body");
  }
  return error;
}

}  // namespace rankloop::http
