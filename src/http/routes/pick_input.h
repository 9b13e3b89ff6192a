// What PUT /inference/select is sent.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "domain/domain.h"
#include "domain/ids.h"
#include "error/result.h"

namespace rankloop::http {

struct Pick {
  std::optional<TaskId> task;  // nothing: the text is no id, so no task has it
  ItemId item;
  std::vector<std::string> ignored;  // names of the body that nobody reads
};

// kInvalidArgument with every fault of the body.
Result<Pick> read_pick(const Domain& domain, const boost::json::value& body);

}  // namespace rankloop::http
