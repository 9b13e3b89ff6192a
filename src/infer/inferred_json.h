// What was inferred, as machines read it, and what they correct of it.
#pragma once

#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "error/result.h"
#include "infer/infer_domain.h"

namespace rankloop::infer {

// All but the text of the file.
boost::json::object to_object(const Inferred& inferred);

// Reads [{"column": "price", "ignored": false, "type": "float", "required": false, "closed": false,
// "feature": true}]: of each column what is to be other than it was inferred. kInvalidArgument.
Result<std::vector<Correction>> read_corrections(std::string_view json);

}  // namespace rankloop::infer
