// Reads commands of remote control and writes the replies.
#include "queue/celery/control.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <fmt/format.h>
#include <fnmatch.h>

#include "domain/strict_json.h"

namespace rankloop::queue::celery {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string{value->get_string()} : std::string{};
}

// A text or a list of texts.
std::vector<std::string> texts_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value) return {};
  if (value->is_string()) return {std::string{value->get_string()}};
  std::vector<std::string> texts;
  if (const json::array* list = value->if_array()) {
    for (const json::value& text : *list) {
      if (text.is_string()) texts.emplace_back(text.get_string());
    }
  }
  return texts;
}

json::object shown(const TaskView& task, const WorkerView& worker) {
  return {{"id", task.facts.id},
          {"name", task.facts.name},
          {"args", task.facts.args},
          {"kwargs", task.facts.kwargs},
          {"type", task.facts.name},
          {"hostname", worker.node},
          {"time_start", task.started ? json::value(to_seconds(*task.started)) : json::value{}},
          {"acknowledged", task.started.has_value()},
          {"delivery_info",
           {{"exchange", ""}, {"routing_key", task.queue}, {"priority", 0}, {"redelivered", false}}},
          {"worker_pid", worker.pid}};
}

json::value shown(const std::vector<TaskView>& tasks, const WorkerView& worker) {
  json::array list;
  for (const TaskView& task : tasks) list.push_back(shown(task, worker));
  return list;
}

json::value stats(const WorkerView& worker) {
  json::object total;
  for (const auto& [name, count] : worker.ended) total[name] = count;
  return {
      {"total", std::move(total)},
      {"pid", worker.pid},
      {"clock", std::to_string(worker.clock)},
      {"uptime", worker.uptime_seconds},
      {"prefetch_count", worker.prefetch},
      {"pool",
       {{"implementation", "rankloop"}, {"max-concurrency", worker.prefetch}, {"processes", {worker.pid}}}},
      {"broker",
       {{"hostname", worker.broker_host},
        {"port", worker.broker_port},
        {"userid", worker.broker_user},
        {"virtual_host", worker.broker_vhost},
        {"transport", "amqp"}}},
      {"rusage", "N/A"}};
}

json::value active_queues(const WorkerView& worker) {
  json::array list;
  for (const std::string& name : worker.queues) {
    list.push_back({{"name", name},
                    {"exchange", {{"name", name}, {"type", "direct"}, {"durable", true}}},
                    {"routing_key", name},
                    {"durable", true},
                    {"exclusive", false},
                    {"auto_delete", false},
                    {"no_ack", false}});
  }
  return list;
}

// {id: [node's word, facts]} for the asked tasks that are here.
json::value query_tasks(const ControlRequest& request, const WorkerView& worker) {
  json::object found;
  const std::vector<std::string> ids = texts_of(request.arguments, "ids");
  const auto add = [&](const std::vector<TaskView>& tasks, std::string_view word) {
    for (const TaskView& task : tasks) {
      if (std::ranges::find(ids, task.facts.id) != ids.end())
        found[task.facts.id] = {word, shown(task, worker)};
    }
  };
  add(worker.reserved, "reserved");
  add(worker.active, "active");
  return found;
}

json::value texts(const std::vector<std::string>& list) {
  return json::value_from(list);
}

// What is asked without changing anything; null for an unknown method.
json::value inspect(const ControlRequest& request, const WorkerView& worker) {
  using Answer = json::value (*)(const ControlRequest&, const WorkerView&);
  static constexpr std::array<std::pair<std::string_view, Answer>, 13> kAnswers{{
      {"ping", [](auto&, auto&) -> json::value { return {{"ok", "pong"}}; }},
      {"stats", [](auto&, auto& worker_view) { return stats(worker_view); }},
      {"active", [](auto&, auto& view) { return shown(view.active, view); }},
      {"reserved", [](auto&, auto& view) { return shown(view.reserved, view); }},
      {"scheduled", [](auto&, auto&) -> json::value { return json::array{}; }},
      {"revoked", [](auto&, auto& view) { return texts(view.revoked); }},
      {"registered", [](auto&, auto& view) { return texts(view.tasks); }},
      {"active_queues", [](auto&, auto& view) { return active_queues(view); }},
      {"query_task", [](auto& asked, auto& view) { return query_tasks(asked, view); }},
      {"clock", [](auto&, auto& view) -> json::value { return {{"clock", view.clock}}; }},
      {"hello",
       [](auto&, auto& view) -> json::value { return {{"revoked", json::object{}}, {"clock", view.clock}}; }},
      {"conf",
       [](auto&, auto& view) -> json::value {
         return {{"task_serializer", "json"},
                 {"accept_content", {"json"}},
                 {"enable_utc", true},
                 {"task_default_queue", view.queues.empty() ? std::string{} : view.queues.front()}};
       }},
      {"report", [](auto&, auto& view) -> json::value { return {{"ok", "rankloop: " + view.node}}; }},
  }};
  for (const auto& [name, answer] : kAnswers) {
    if (name == request.method) return answer(request, worker);
  }
  return nullptr;
}

std::string_view name_in_celery(std::string_view method) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kAliases{
      {{"dump_active", "active"},
       {"dump_reserved", "reserved"},
       {"dump_schedule", "scheduled"},
       {"dump_revoked", "revoked"},
       {"dump_tasks", "registered"},
       {"dump_conf", "conf"}}};
  for (const auto& [alias, name] : kAliases) {
    if (alias == method) return name;
  }
  return method;
}

}  // namespace

Result<ControlRequest> parse_control(const Message& message) {
  if (message.content_type != "application/json")
    return Error{ErrorCode::kInvalidArgument, "a control request is not JSON"};
  auto body = parse_strict_json(message.body);
  if (!body) return body.error();
  const json::object* fields = body->if_object();
  if (!fields || text_of(*fields, "method").empty())
    return Error{ErrorCode::kInvalidArgument, "a control request names no method"};
  ControlRequest request;
  request.method = name_in_celery(text_of(*fields, "method"));
  if (const json::value* arguments = fields->if_contains("arguments"); arguments && arguments->is_object())
    request.arguments = arguments->get_object();
  request.destination = texts_of(*fields, "destination");
  request.pattern = text_of(*fields, "pattern");
  request.matcher = text_of(*fields, "matcher");
  request.ticket = text_of(*fields, "ticket");
  if (const json::value* reply = fields->if_contains("reply_to"); reply && reply->is_object()) {
    request.reply_exchange = text_of(reply->get_object(), "exchange");
    request.reply_key = text_of(reply->get_object(), "routing_key");
  }
  if (const json::value* clock = message.headers.if_contains("clock"); clock && clock->is_int64())
    request.clock = static_cast<std::uint64_t>(std::max<std::int64_t>(0, clock->get_int64()));
  return request;
}

bool is_addressed(const ControlRequest& request, const std::string& node) {
  if (!request.destination.empty())
    return std::ranges::find(request.destination, node) != request.destination.end();
  if (request.pattern.empty() || request.matcher.empty()) return true;
  return request.matcher == "glob" && fnmatch(request.pattern.c_str(), node.c_str(), 0) == 0;
}

std::optional<ControlAnswer> answer_control(const ControlRequest& request, const WorkerView& worker) {
  ControlAnswer answer;
  if (request.method == "election") return std::nullopt;
  if (request.method == "enable_events" || request.method == "disable_events") {
    answer.task_events = request.method == "enable_events";
    answer.payload = {{"ok", *answer.task_events ? "task events enabled" : "task events disabled"}};
  } else if (request.method == "heartbeat") {
    answer.beat = true;
  } else if (request.method == "revoke" || request.method == "terminate") {
    answer.revoke = texts_of(request.arguments, "task_id");
    answer.payload = {{"ok", fmt::format("tasks {} flagged as revoked", fmt::join(answer.revoke, ", "))}};
  } else {
    answer.payload = inspect(request, worker);
    if (answer.payload.is_null())
      answer.payload = {{"error", fmt::format("this worker has no command named {}", request.method)}};
  }
  return answer;
}

Message control_reply(const ControlRequest& request, std::string_view node, const json::value& payload,
                      std::uint64_t clock) {
  Message message;
  message.delivery_mode = 1;
  message.headers = {{"ticket", request.ticket}, {"clock", clock}};
  message.body = json::serialize(json::object{{node, payload}});
  return message;
}

}  // namespace rankloop::queue::celery
