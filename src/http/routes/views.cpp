// Items, results, users and tasks as JSON.
#include "http/routes/views.h"

#include "app/serve/results_json.h"
#include "domain/clock.h"

namespace rankloop::http {
namespace {

void write_time(JsonWriter& json, std::string_view key, const std::optional<WallTime>& time) {
  json.key(key);
  time ? json.word(to_iso8601(*time)) : json.null();
}

}  // namespace

void write_task_status(JsonWriter& json, const app::TaskStatus& status) {
  json.key("task_id").word(status.id.to_string());
  json.key("status").word(celery_word(status.state, status.attempt));
  json.key("type").word(name_of(status.kind));
}

std::string task_status_json(const app::TaskStatus& status) {
  std::string out;
  out.reserve(120);
  JsonWriter json{out};
  json.begin_object();
  write_task_status(json, status);
  json.end_object();
  return out;
}

void write_inference_status(JsonWriter& json, app::ItemNames& names, const app::TaskStatus& status) {
  write_task_status(json, status);
  if (!status.left_out.empty()) app::write_left_out(json.key("left_out"), names, status.left_out);
}

std::string inference_status_json(app::ItemNames& names, const app::TaskStatus& status) {
  std::string out;
  JsonWriter json{out};
  json.begin_object();
  write_inference_status(json, names, status);
  json.end_object();
  return out;
}

std::string item_json(const Domain& domain, const app::Item& item) {
  std::string out;
  JsonWriter json{out};
  json.begin_object();
  app::write_id(json, domain, item.id, item.key);
  json.members(item.payload).end_object();
  return out;
}

std::string result_json(app::ItemNames& names, const app::ResultRow& row) {
  std::string out;
  JsonWriter json{out};
  json.begin_object().key("result_id").integer(row.id.value);
  json.key("task_id").word(row.task.to_string());
  json.key(names.domain().request.one + "_id").integer(row.user.value);
  names.write(json, row.item);
  json.key("score").number(row.score);
  json.key("label").integer(row.label ? 1 : 0);
  json.key("shown").flag(row.position > 0);
  if (row.position > 0) {
    json.key("position").integer(row.position);
    write_time(json, "shown_at", row.shown_at);
  }
  json.end_object();
  return out;
}

std::string user_json(const Domain& domain, const app::RequestRecord& user) {
  std::string out;
  JsonWriter json{out};
  json.begin_object().key(domain.request.one + "_id").integer(user.id.value).members(user.payload);
  write_time(json, "creation_time", user.created);
  if (!user.person.empty()) json.key("user_key").text(user.person);
  json.end_object();
  return out;
}

std::string task_json(const app::TaskRecord& task) {
  std::string out;
  JsonWriter json{out};
  json.begin_object();
  write_task_status(json, {task.id, task.kind, task.state, task.attempt, {}});
  json.key("state").word(name_of(task.state)).key("attempt").integer(task.attempt);
  write_time(json, "created", task.created);
  write_time(json, "run_at", task.run_at);
  write_time(json, "started", task.started);
  write_time(json, "finished", task.finished);
  json.key("error");
  task.error.empty() ? json.null() : json.text(task.error);
  if (task.trace) json.key("trace_id").word(telemetry::trace_id_text(*task.trace));
  json.end_object();
  return out;
}

}  // namespace rankloop::http
