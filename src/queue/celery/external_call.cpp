// Writes a call to another worker and reads its result.
#include "queue/celery/external_call.h"

#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "domain/strict_json.h"
#include "domain/utf8.h"

namespace rankloop::queue::celery {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestReason = 400;
constexpr std::size_t kLongestArguments = 200;  // as Celery's own tools shorten them

// At most so many bytes, cut between characters.
std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string{text};
  return std::string{utf8_prefix(text, most)} + "...";
}

std::string text_of(const json::object& fields, std::string_view name) {
  const json::value* value = fields.if_contains(name);
  const json::string* text = value ? value->if_string() : nullptr;
  return text ? std::string{*text} : std::string{};
}

// {"exc_type": "ValueError", "exc_message": ["..."], ...}: as Python would print it.
std::string exception_text(const json::value* result) {
  const json::object* raised = result ? result->if_object() : nullptr;
  if (!raised) return "an exception that is not told";
  std::string text = text_of(*raised, "exc_type");
  const json::value* message = raised->if_contains("exc_message");
  std::string told;
  if (const json::array* parts = message ? message->if_array() : nullptr) {
    for (const json::value& part : *parts) {
      told += told.empty() ? "" : ", ";
      told += part.is_string() ? std::string{part.get_string()} : json::serialize(part);
    }
  } else if (const json::string* whole = message ? message->if_string() : nullptr) {
    told = *whole;
  }
  if (text.empty()) text = "an exception";
  return shortened(told.empty() ? text : text + ": " + told, kLongestReason);
}

Error no_result(std::string_view why) {
  return {ErrorCode::kInvalidArgument, fmt::format("the Python worker's result cannot be read: {}", why)};
}

}  // namespace

Message external_message(const ExternalCall& call) {
  Message message;
  const std::string id = call.id.to_string();
  message.correlation_id = id;
  message.reply_to = call.reply_to;
  message.expiration = std::to_string(call.expires_in.count());
  message.headers = {{"lang", "py"},
                     {"task", call.task},
                     {"id", id},
                     {"shadow", nullptr},
                     {"eta", nullptr},
                     {"expires", to_iso_moment(call.expires)},
                     {"group", nullptr},
                     {"group_index", nullptr},
                     {"retries", 0},
                     {"timelimit", {nullptr, nullptr}},
                     {"root_id", id},
                     {"parent_id", nullptr},
                     {"argsrepr", "()"},
                     {"kwargsrepr", shortened(call.arguments, kLongestArguments)},
                     {"origin", call.origin},
                     {"ignore_result", false}};
  if (!call.traceparent.empty()) message.headers["traceparent"] = call.traceparent;
  message.body = fmt::format(
      R"([[], {}, {{"callbacks": null, "errbacks": null, "chain": null, "chord": null}}])", call.arguments);
  return message;
}

Result<std::optional<json::value>> read_result(std::string_view content_type, std::string_view meta) {
  if (content_type != "application/json")
    return no_result(fmt::format("its content type is {}; allowed is application/json", content_type));
  auto value = parse_strict_json(meta);
  if (!value) return no_result(value.error().message);
  json::object* fields = value->if_object();
  if (!fields) return no_result("it is no object");
  const std::string state = text_of(*fields, "status");
  json::value* result = fields->if_contains("result");
  if (state.empty()) return no_result("it has no status");
  if (state == "SUCCESS") return std::optional{result ? std::move(*result) : json::value{}};
  if (state == "FAILURE")
    return Error{ErrorCode::kInternal, "the Python worker failed: " + exception_text(result)};
  if (state == "REVOKED")
    return Error{ErrorCode::kInternal, "the Python worker did not run the task: " + exception_text(result)};
  return std::optional<json::value>{};
}

}  // namespace rankloop::queue::celery
