// JSON texts of what the API answers. Appended to a string by hand: these are the hot answers.
#pragma once

#include <string>

#include "app/records.h"
#include "app/serve/catalog.h"
#include "app/serve/content.h"
#include "app/serve/inference.h"
#include "domain/domain.h"

namespace rankloop::http {

// {"task_id": ..., "status": ..., "type": ...} without the closing brace, so that more can follow.
void append_task_status_open(std::string& out, const app::TaskStatus& status);
std::string task_status_json(const app::TaskStatus& status);

std::string item_json(const Domain& domain, const app::Item& item);
std::string result_json(const Domain& domain, const app::ResultRow& row);
std::string user_json(const Domain& domain, const app::RequestRecord& user);
std::string task_json(const app::TaskRecord& task);

// "[a,b,c]" of anything with a view.
template <class Rows, class View>
std::string array_json(const Rows& rows, const View& view) {
  std::string out = "[";
  for (const auto& row : rows) {
    if (out.size() > 1) out += ',';
    out += view(row);
  }
  return out += ']';
}

}  // namespace rankloop::http
