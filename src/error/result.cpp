// Names of codes, and the message of several faults.
#include "error/result.h"

namespace rankloop {

const char* name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kUnauthenticated:
      return "unauthenticated";
    case ErrorCode::kPermissionDenied:
      return "permission_denied";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kFailedPrecondition:
      return "failed_precondition";
    case ErrorCode::kAlreadyExists:
      return "already_exists";
    case ErrorCode::kAborted:
      return "aborted";
    case ErrorCode::kResourceExhausted:
      return "resource_exhausted";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kDeadlineExceeded:
      return "deadline_exceeded";
    case ErrorCode::kUnimplemented:
      return "unimplemented";
    case ErrorCode::kDataLoss:
      return "data_loss";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "internal";
}

Error invalid_fields(std::vector<FieldFault> faults) {
  Error error{ErrorCode::kInvalidArgument, ""};
  if (!faults.empty()) {
    for (const std::string& part : faults.front().loc) {
      if (!error.message.empty()) error.message += '.';
      error.message += part;
    }
    error.message += ": " + faults.front().msg;
  }
  error.faults = std::move(faults);
  return error;
}

}  // namespace rankloop
