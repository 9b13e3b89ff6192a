// Options, messages and exit codes that commands share.
#include "cli/command.h"

#include <iostream>
#include <string>

namespace rankloop::cli {
namespace {

// "line 3: price: should be a number", for a command has no other body than its file.
std::string sentence(const FieldFault& fault) {
  std::string text;
  for (const std::string& part : fault.loc) {
    if (part != "body") text += part + ": ";
  }
  return text + fault.msg;
}

}  // namespace

int exit_code_of(const Error& error) {
  return error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kNotFound ? kBadInput
                                                                                         : kFailed;
}

int complain(const Error& error) {
  if (error.faults.size() == 1) {
    std::cerr << "rankloop: " << sentence(error.faults.front()) << '\n';
  } else if (!error.faults.empty()) {
    std::cerr << "rankloop: there are " << error.faults.size() << " faults\n";
    for (const FieldFault& fault : error.faults) std::cerr << "  " << sentence(fault) << '\n';
  } else {
    std::cerr << "rankloop: " << error.message << '\n';
  }
  if (!error.detail.empty()) std::cerr << "  (" << error.detail << ")\n";
  return exit_code_of(error);
}

}  // namespace rankloop::cli
