// Writes the events of workers and tasks.
#include "queue/celery/events.h"

#include <algorithm>

#include <boost/json/serialize.hpp>

namespace rankloop::queue::celery {
namespace {

namespace json = boost::json;

json::object event(std::string_view type, const Stamp& stamp) {
  return {{"type", type},   {"hostname", stamp.node}, {"timestamp", to_seconds(stamp.at)},
          {"utcoffset", 0}, {"pid", stamp.pid},       {"clock", stamp.clock}};
}

json::object task_event(std::string_view type, const Stamp& stamp, std::string_view id) {
  json::object made = event(type, stamp);
  made["uuid"] = id;
  return made;
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value{} : json::value(text);
}

Message transient(std::string_view node, std::string body) {
  Message message;
  message.delivery_mode = 1;
  message.headers["hostname"] = node;
  message.body = std::move(body);
  return message;
}

}  // namespace

json::object worker_event(std::string_view type, const Stamp& stamp, const WorkerLoad& load) {
  json::object made = event(type, stamp);
  made["freq"] = load.beat_seconds;
  made["active"] = load.active;
  made["processed"] = load.processed;
  made["loadavg"] = {load.load_average[0], load.load_average[1], load.load_average[2]};
  made["sw_ident"] = "rankloop";
  made["sw_ver"] = "1";
  made["sw_sys"] = "Linux";
  return made;
}

json::object task_received(const Stamp& stamp, const TaskFacts& task) {
  json::object made = task_event("task-received", stamp, task.id);
  made["name"] = task.name;
  made["args"] = task.args;
  made["kwargs"] = task.kwargs;
  made["root_id"] = text_or_null(task.root_id);
  made["parent_id"] = text_or_null(task.parent_id);
  made["retries"] = task.retries;
  made["eta"] = nullptr;
  made["expires"] = nullptr;
  return made;
}

json::object task_started(const Stamp& stamp, std::string_view id) {
  return task_event("task-started", stamp, id);
}

json::object task_succeeded(const Stamp& stamp, std::string_view id, std::string_view result,
                            double runtime_seconds) {
  json::object made = task_event("task-succeeded", stamp, id);
  made["result"] = result;
  made["runtime"] = runtime_seconds;
  return made;
}

json::object task_failed(const Stamp& stamp, std::string_view id, std::string_view exception) {
  json::object made = task_event("task-failed", stamp, id);
  made["exception"] = exception;
  made["traceback"] = "";
  return made;
}

json::object task_revoked(const Stamp& stamp, std::string_view id, bool expired) {
  json::object made = task_event("task-revoked", stamp, id);
  made["terminated"] = false;
  made["signum"] = nullptr;
  made["expired"] = expired;
  return made;
}

EventMessage event_message(const json::object& event) {
  std::string key{event.at("type").as_string()};
  std::ranges::replace(key, '-', '.');
  return {std::move(key), transient(event.at("hostname").as_string(), json::serialize(event))};
}

EventMessage task_events_message(std::string_view node, const json::array& events) {
  return {"task.multi", transient(node, json::serialize(events))};
}

}  // namespace rankloop::queue::celery
