// Result<T> and Error: how every part of rankloop says that something did not work.
//
// A Result holds a value or an Error, never both; `true` means success. Exceptions thrown by libraries are
// caught at the adapter that calls the library and become an Error there.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rankloop {

// The canonical codes (absl's set, less what is never used). http/error_response.cpp is the one place that
// turns a code into an HTTP status.
enum class ErrorCode {
  kInvalidArgument,     // the input is wrong whatever the state: 422
  kUnauthenticated,     // no or a wrong token: 401
  kPermissionDenied,    // known, but not allowed: 403
  kNotFound,            // 404
  kFailedPrecondition,  // right input, wrong moment: 409
  kAlreadyExists,       // 409
  kAborted,             // a stale fence or a lost race; nothing was changed: 409
  kResourceExhausted,   // a bound is reached (queue, connections, waiters): 503 with Retry-After
  kUnavailable,       // the store or a peer is away, the disk is full, we are stopping: 503 with Retry-After
  kDeadlineExceeded,  // 504
  kUnimplemented,     // 501
  kDataLoss,          // a stored value cannot be read: 500
  kInternal,          // a fault of ours: 500
};

// The name of a code in lower snake case, for logs and JSON, e.g. "not_found".
const char* name_of(ErrorCode code);

// One fault of one field, in FastAPI's shape: {"loc": ["body", "budget"], "msg": "...", "type": "..."}.
struct FieldFault {
  std::vector<std::string> loc;
  std::string msg;
  std::string type;
  bool operator==(const FieldFault&) const = default;
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;             // public: what failed, which value, what is allowed
  std::string detail;              // internal: never leaves the process, goes to the log only
  std::vector<FieldFault> faults;  // for kInvalidArgument: every fault of the input at once

  Error() = default;
  Error(ErrorCode error_code, std::string public_message, std::string internal_detail = {})
      : code(error_code), message(std::move(public_message)), detail(std::move(internal_detail)) {}
};

// A kInvalidArgument that carries the faults of single fields; its message is made from the first of them.
Error invalid_fields(std::vector<FieldFault> faults);

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by intent
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by intent

  explicit operator bool() const { return state_.index() == 0; }
  bool ok() const { return state_.index() == 0; }

  T& value() & { return assert(ok()), std::get<0>(state_); }
  const T& value() const& { return assert(ok()), std::get<0>(state_); }
  T&& value() && { return assert(ok()), std::move(std::get<0>(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { return assert(!ok()), std::get<1>(state_); }
  Error&& error() && { return assert(!ok()), std::move(std::get<1>(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by intent

  explicit operator bool() const { return !error_.has_value(); }
  bool ok() const { return !error_.has_value(); }
  const Error& error() const& { return assert(!ok()), *error_; }
  Error&& error() && { return assert(!ok()), std::move(*error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace rankloop
