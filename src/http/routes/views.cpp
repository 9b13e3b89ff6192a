// Items, results, users and tasks as JSON, written by hand.
#include "http/routes/views.h"

#include "domain/clock.h"
#include "domain/strict_json.h"

namespace rankloop::http {
namespace {

void append_key(std::string& out, std::string_view key) {
  out += '"';
  out += key;
  out += "\":";
}

void append_integer(std::string& out, std::string_view key, std::int64_t value) {
  append_key(out, key);
  out += std::to_string(value);
}

// The members of a JSON object's text, to stand behind others in the same object.
void append_members(std::string& out, std::string_view object) {
  if (object.size() <= 2) return;
  out += ',';
  out += object.substr(1, object.size() - 2);
}

void append_time(std::string& out, std::string_view key, const std::optional<WallTime>& time) {
  out += ',';
  append_key(out, key);
  out += time ? '"' + to_iso8601(*time) + '"' : "null";
}

}  // namespace

void append_task_status_open(std::string& out, const app::TaskStatus& status) {
  out += R"({"task_id":")";
  out += status.id.to_string();
  out += R"(","status":")";
  out += celery_word(status.state, status.attempt);
  out += R"(","type":")";
  out += name_of(status.kind);
  out += '"';
}

std::string task_status_json(const app::TaskStatus& status) {
  std::string out;
  out.reserve(120);
  append_task_status_open(out, status);
  return out += '}';
}

std::string item_json(const Domain& domain, const app::Item& item) {
  std::string out = "{";
  append_integer(out, domain.item_id_field, item.id.value);
  append_members(out, item.payload);
  return out += '}';
}

std::string result_json(const Domain& domain, const app::ResultRow& row) {
  std::string out = "{";
  append_integer(out, "result_id", row.id.value);
  out += R"(,"task_id":")" + row.task.to_string() + "\",";
  append_integer(out, domain.request.one + "_id", row.user.value);
  out += ',';
  append_integer(out, domain.item_id_field, row.item.value);
  out += R"(,"score":)";
  append_json_number(out, row.score);
  out += row.label ? R"(,"label":1)" : R"(,"label":0)";
  out += row.position > 0 ? R"(,"shown":true)" : R"(,"shown":false)";
  if (row.position > 0) {
    out += ',';
    append_integer(out, "position", row.position);
    append_time(out, "shown_at", row.shown_at);
  }
  return out += '}';
}

std::string user_json(const Domain& domain, const app::RequestRecord& user) {
  std::string out = "{";
  append_integer(out, domain.request.one + "_id", user.id.value);
  append_members(out, user.payload);
  append_time(out, "creation_time", user.created);
  if (!user.person.empty()) {
    out += R"(,"user_key":)";
    append_json_string(out, user.person);
  }
  return out += '}';
}

std::string task_json(const app::TaskRecord& task) {
  std::string out;
  append_task_status_open(out, {task.id, task.kind, task.state, task.attempt, {}});
  out += R"(,"state":")";
  out += name_of(task.state);
  out += "\",";
  append_integer(out, "attempt", task.attempt);
  append_time(out, "created", task.created);
  append_time(out, "run_at", task.run_at);
  append_time(out, "started", task.started);
  append_time(out, "finished", task.finished);
  out += R"(,"error":)";
  if (task.error.empty()) {
    out += "null";
  } else {
    append_json_string(out, task.error);
  }
  if (task.trace) out += R"(,"trace_id":")" + telemetry::trace_id_text(*task.trace) + '"';
  return out += '}';
}

}  // namespace rankloop::http
