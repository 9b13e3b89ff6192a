// What PUT /inference/select is sent: which of a task's results was chosen, or that none of them was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "app/serve/results.h"
#include "domain/domain.h"
#include "domain/ids.h"
#include "error/result.h"

namespace rankloop::http {

struct PickInput {
  std::optional<TaskId> task;  // nothing: the text is no id, so no task has it
  app::Choice choice;
  std::vector<std::string> ignored;  // names of the body that nobody reads
};

// kInvalidArgument with every fault of the body.
Result<PickInput> read_pick(const Domain& domain, const boost::json::value& body);

// Its JSON Schema, as a component of this name; `example`: the id of an item of the catalog.
boost::json::object pick_schema(const Domain& domain, std::string_view name,
                                const boost::json::value& example);

}  // namespace rankloop::http
