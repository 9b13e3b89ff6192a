// Packs changes into a message and unpacks them.
#include "queue/rabbitmq/change_batch.h"

#include <boost/json/serialize.hpp>

#include "domain/strict_json.h"

namespace rankloop::queue::rabbitmq {
namespace {

namespace json = boost::json;

std::optional<Change> task_changed(const json::value& entry) {
  const json::array* pair = entry.if_array();
  if (!pair || pair->size() != 2 || !pair->at(0).is_string() || !pair->at(1).is_string()) return std::nullopt;
  const auto id = TaskId::parse(pair->at(0).get_string());
  const auto state = parse_task_state(pair->at(1).get_string());
  if (!id || !state) return std::nullopt;
  return TaskChanged{*id, *state};
}

std::optional<std::int64_t> version_of(const json::object& fields, std::string_view name) {
  const json::value* value = fields.if_contains(name);
  if (!value || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

}  // namespace

celery::Message encode_changes(std::string_view from, const std::vector<Change>& changes) {
  json::object fields{{"from", from}};
  json::array tasks;
  for (const Change& change : changes) {
    if (const auto* task = std::get_if<TaskChanged>(&change))
      tasks.push_back({task->id.to_string(), name_of(task->state)});
    if (const auto* catalog = std::get_if<CatalogChanged>(&change)) fields["catalog"] = catalog->version;
    if (const auto* registry = std::get_if<RegistryChanged>(&change)) fields["registry"] = registry->version;
  }
  fields["tasks"] = std::move(tasks);
  celery::Message message;
  message.delivery_mode = 1;
  message.body = json::serialize(fields);
  return message;
}

std::vector<Change> decode_changes(const celery::Message& message, std::string_view own) {
  const auto body = parse_strict_json(message.body);
  const json::object* fields = body ? body->if_object() : nullptr;
  if (!fields) return {};
  const json::value* from = fields->if_contains("from");
  if (!from || !from->is_string() || from->get_string() == own) return {};
  std::vector<Change> changes;
  if (const auto version = version_of(*fields, "catalog")) changes.emplace_back(CatalogChanged{*version});
  if (const auto version = version_of(*fields, "registry")) changes.emplace_back(RegistryChanged{*version});
  const json::value* tasks = fields->if_contains("tasks");
  if (!tasks || !tasks->is_array()) return changes;
  for (const json::value& entry : tasks->get_array()) {
    if (const auto change = task_changed(entry)) changes.push_back(*change);
  }
  return changes;
}

}  // namespace rankloop::queue::rabbitmq
