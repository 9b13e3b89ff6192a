// JSON texts of what the API answers.
#pragma once

#include <string>

#include "app/records.h"
#include "app/serve/catalog.h"
#include "app/serve/content.h"
#include "app/serve/inference.h"
#include "app/serve/item_names.h"
#include "domain/domain.h"
#include "domain/json_writer.h"

namespace rankloop::http {

// "task_id", "status" and "type", as members of the object that is open.
void write_task_status(JsonWriter& json, const app::TaskStatus& status);
std::string task_status_json(const app::TaskStatus& status);

std::string item_json(const Domain& domain, const app::Item& item);
std::string result_json(app::ItemNames& names, const app::ResultRow& row);
std::string user_json(const Domain& domain, const app::RequestRecord& user);
std::string task_json(const app::TaskRecord& task);

// "[a,b,c]" of anything with a view.
template <class Rows, class View>
std::string array_json(const Rows& rows, const View& view) {
  std::string out;
  JsonWriter json{out};
  json.begin_array();
  for (const auto& row : rows) json.json(view(row));
  json.end_array();
  return out;
}

}  // namespace rankloop::http
