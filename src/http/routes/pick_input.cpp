// Reads the body of a pick, by item or by result.
#include "http/routes/pick_input.h"

#include <string_view>
#include <utility>

#include <boost/json/object.hpp>

namespace rankloop::http {

Result<Pick> read_pick(const Domain& domain, const boost::json::value& body) {
  const boost::json::object* object = body.if_object();
  if (object == nullptr) {
    return invalid_fields({{{"body"}, "Input should be a valid dictionary", "dict_type"}});
  }
  Pick pick;
  std::vector<FieldFault> faults;
  if (const boost::json::value* task = object->if_contains("task_id"); task == nullptr) {
    faults.push_back({{"body", "task_id"}, "Field required", "missing"});
  } else if (!task->is_string()) {
    faults.push_back({{"body", "task_id"}, "Input should be a valid string", "string_type"});
  } else {
    pick.task = TaskId::parse(task->get_string());
  }
  if (const boost::json::value* item = object->if_contains(domain.item_id_field); item == nullptr) {
    faults.push_back({{"body", domain.item_id_field}, "Field required", "missing"});
  } else {
    boost::system::error_code fault;
    pick.item.value = item->is_number() ? item->to_number<std::int64_t>(fault) : 0;
    if (!item->is_number() || fault) {
      faults.push_back({{"body", domain.item_id_field}, "Input should be a valid integer", "int_type"});
    }
  }
  if (!faults.empty()) return invalid_fields(std::move(faults));
  for (const boost::json::key_value_pair& member : *object) {
    const std::string_view name{member.key().data(), member.key().size()};
    if (name != "task_id" && name != domain.item_id_field) pick.ignored.emplace_back(name);
  }
  return pick;
}

}  // namespace rankloop::http
