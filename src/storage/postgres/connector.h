// Makes connections to one database, and waits longer from failure to failure before it tries again, so that
// a server that is away is not stormed and callers hear of it at once.
//
// Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "error/result.h"
#include "storage/postgres/connection.h"

namespace rankloop::storage::postgres {

class Connector {
 public:
  // kInvalidArgument: not a connection URI.
  static Status check(const std::string& url);

  explicit Connector(std::string url);

  // kUnavailable, at once while the last failure is too young.
  Result<std::unique_ptr<Connection>> connect();
  const Queries& queries() const { return queries_; }
  // Without user and password, for messages.
  const std::string& place() const { return place_; }

 private:
  using Time = std::chrono::steady_clock;

  Error refusal(const std::string& detail) const;
  std::string without_password(std::string text) const;

  const std::string url_;
  const Queries queries_{"postgres"};
  std::string place_;
  std::string password_;

  std::mutex mutex_;
  // Guarded by mutex_.
  Time::time_point not_before_{};
  std::chrono::milliseconds pause_{0};
  std::string last_failure_;
};

}  // namespace rankloop::storage::postgres
