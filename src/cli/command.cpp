#include "cli/command.h"

#include <iostream>

namespace rankloop::cli {

int complain(const Error& error) {
  std::cerr << "rankloop: " << error.message << '\n';
  for (const FieldFault& fault : error.faults) {
    std::cerr << "  ";
    for (const std::string& part : fault.loc) std::cerr << part << ": ";
    std::cerr << fault.msg << '\n';
  }
  if (!error.detail.empty()) std::cerr << "  (" << error.detail << ")\n";
  return error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kNotFound ? kBadInput
                                                                                         : kFailed;
}

}  // namespace rankloop::cli
