#include "cli/command.h"

#include <iostream>

namespace rankloop::cli {

int exit_code_of(const Error& error) {
  return error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kNotFound ? kBadInput
                                                                                         : kFailed;
}

int complain(const Error& error) {
  std::cerr << "rankloop: " << error.message << '\n';
  for (const FieldFault& fault : error.faults) {
    std::cerr << "  ";
    for (const std::string& part : fault.loc) std::cerr << part << ": ";
    std::cerr << fault.msg << '\n';
  }
  if (!error.detail.empty()) std::cerr << "  (" << error.detail << ")\n";
  return exit_code_of(error);
}

}  // namespace rankloop::cli
