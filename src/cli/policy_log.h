// Logs of shown items, as `rankloop evaluate policy` reads them: a header and the columns request,
// propensity, reward and target, perhaps position, person, predicted and predicted_mean, joint and
// joint_target, examination with examined and examined_target; other columns are ignored. The rows of a
// request stand together. Packed files and other encodings are read as in an import.
#pragma once

#include <functional>
#include <string>

#include "error/result.h"
#include "ml/policy_value.h"

namespace rankloop::cli {

struct PolicyLogReading {
  double clip = 0;
  std::function<void(double read, double all)> progress;  // bytes; may be empty
};

// The lists of a file, added up; never more than one of them in memory. kNotFound, or kInvalidArgument as
// FILE:LINE: column, value and what is allowed.
Result<ml::PolicyValue> read_policy_log(const std::string& file, const PolicyLogReading& reading);

}  // namespace rankloop::cli
