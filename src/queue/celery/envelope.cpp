// Reads and writes task messages.
#include "queue/celery/envelope.h"

#include <optional>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "domain/strict_json.h"
#include "domain/utf8.h"
#include "queue/celery/inflate.h"
#include "queue/celery/moment.h"
#include "queue/celery/tagged_json.h"

namespace rankloop::queue::celery {
namespace {

namespace json = boost::json;

constexpr std::string_view kHintHeader = "rankloop_hint";
constexpr std::string_view kEmptyBody =
    R"([[], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}])";

std::string text_of(const json::object& headers, std::string_view name) {
  const json::value* value = headers.if_contains(name);
  const json::string* text = value ? value->if_string() : nullptr;
  return text ? std::string{*text} : std::string{};
}

bool is_set(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value || value->is_null()) return false;
  if (const json::array* list = value->if_array()) return !list->empty();
  if (const json::object* fields = value->if_object()) return !fields->empty();
  if (const json::string* text = value->if_string()) return !text->empty();
  return true;
}

// The moment in a header; unset is no fault, a text that is no moment is one.
Status read_moment(const json::object& headers, std::string_view name, std::optional<Moment>& out) {
  if (!is_set(headers, name)) return {};
  const std::string text = text_of(headers, name);
  out = parse_iso_moment(text);
  if (out) return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("the header {} is \"{}\"; allowed is an ISO 8601 moment", name, text)};
}

Result<std::string> plain_body(const Message& message) {
  const std::string compression = text_of(message.headers, "compression");
  if (compression.empty()) return message.body;
  if (compression != "application/x-gzip" && compression != "gzip" && compression != "zlib") {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("the compression {} is unknown; allowed are gzip and zlib", compression)};
  }
  return inflate_body(message.body);
}

Result<json::array> parts_of(const Message& message) {
  if (message.content_type != "application/json") {
    const char* known_as = message.content_type == "application/x-python-serialize" ? " (pickle)" : "";
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("the content type is {}{}; allowed is application/json", message.content_type, known_as)};
  }
  auto body = plain_body(message);
  if (!body) return body.error();
  auto value = parse_strict_json(*body);
  if (!value) return value.error();
  json::array* parts = value->if_array();
  if (!parts || parts->size() != 3 || !parts->at(0).is_array() || !parts->at(1).is_object() ||
      !(parts->at(2).is_object() || parts->at(2).is_null())) {
    return Error{ErrorCode::kInvalidArgument, "the body is not [args, kwargs, embed]"};
  }
  return std::move(*parts);
}

Status read_headers(const json::object& headers, ForeignTask& task) {
  task.root_id = text_of(headers, "root_id");
  task.parent_id = text_of(headers, "parent_id");
  task.traceparent = text_of(headers, "traceparent");
  if (const json::value* retries = headers.if_contains("retries"); retries && retries->is_int64())
    task.retries = static_cast<int>(retries->get_int64());
  if (const json::value* ignore = headers.if_contains("ignore_result"); ignore && ignore->is_bool())
    task.ignore_result = ignore->get_bool();
  if (Status status = read_moment(headers, "eta", task.eta); !status) return status;
  return read_moment(headers, "expires", task.expires);
}

// In canonical form, because its result is looked for under the very text.
Result<TaskId> id_of(const json::object& headers) {
  const std::string text = text_of(headers, "id");
  if (text.empty()) return Error{ErrorCode::kInvalidArgument, "the header id is missing"};
  const auto id = TaskId::parse(text);
  if (id && id->to_string() == text) return *id;
  constexpr std::size_t kShown = 40;
  return Error{
      ErrorCode::kInvalidArgument,
      fmt::format("the header id is \"{}\"; allowed is a UUID in lower case", utf8_prefix(text, kShown))};
}

Result<ForeignTask> parse_foreign(const Message& message) {
  ForeignTask task;
  task.name = text_of(message.headers, "task");
  task.reply_to = message.reply_to;
  task.correlation_id = message.correlation_id;
  auto id = id_of(message.headers);
  if (!id) return id.error();
  task.id = *id;
  auto parts = parts_of(message);
  if (!parts) return parts.error();
  for (std::size_t i = 0; i < 2; ++i) {
    if (Status status = untag(parts->at(i)); !status) return status.error();
  }
  task.args = json::serialize(parts->at(0));
  task.kwargs = json::serialize(parts->at(1));
  if (Status status = read_headers(message.headers, task); !status) return status.error();
  if (const json::object* embed = parts->at(2).if_object()) {
    for (const char* part : {"callbacks", "errbacks", "chain", "chord"}) {
      if (is_set(*embed, part)) task.is_canvas = true;
    }
  }
  return task;
}

}  // namespace

Message hint_message(const TaskId& id, std::string_view task_name, std::string_view origin) {
  Message message;
  const std::string text = id.to_string();
  message.correlation_id = text;
  message.delivery_mode = 1;  // a lost hint costs latency only: not worth a broker's disk
  message.headers = {{"lang", "py"},     {"task", task_name},
                     {"id", text},       {"shadow", nullptr},
                     {"eta", nullptr},   {"expires", nullptr},
                     {"group", nullptr}, {"group_index", nullptr},
                     {"retries", 0},     {"timelimit", {nullptr, nullptr}},
                     {"root_id", text},  {"parent_id", nullptr},
                     {"argsrepr", "()"}, {"kwargsrepr", "{}"},
                     {"origin", origin}, {"ignore_result", true},
                     {kHintHeader, true}};
  message.body = kEmptyBody;
  return message;
}

Parsed parse_task(const Message& message) {
  Refused refused{"", text_of(message.headers, "id"), message.reply_to, message.correlation_id};
  if (message.headers.contains(kHintHeader)) {
    if (const auto id = TaskId::parse(refused.id)) return *id;
    refused.reason = fmt::format("the hint's id \"{}\" is no UUID", refused.id);
    return refused;
  }
  if (!message.headers.contains("task")) {
    // Protocol 1 keeps its id in the body; who waits for it is known by the correlation id.
    refused.reason = "it has no header named task; allowed is Celery's protocol 2";
    return refused;
  }
  auto task = parse_foreign(message);
  if (task) return *std::move(task);
  refused.reason = task.error().message;
  return refused;
}

}  // namespace rankloop::queue::celery
