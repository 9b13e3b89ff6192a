// Makes connections to one database, and waits longer from failure to failure before it tries again, so that
// a server that is away is not stormed and callers hear of it at once.
//
// Whoever finds that the server answers nobody says so here: then all that wait for it give up, and nobody
// connects, until it is found to answer again.
//
// Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "error/result.h"
#include "storage/postgres/connection.h"
#include "sync/mutex.h"

namespace rankloop::storage::postgres {

class Connector {
 public:
  // kInvalidArgument: not a connection URI.
  static Status check(const std::string& url);

  // `deadline`: so long may the server leave anybody without an answer; at least kShortestDeadline.
  explicit Connector(std::string url, std::chrono::milliseconds deadline);

  // kUnavailable, at once while the last failure is too young or the server answers nobody.
  Result<std::unique_ptr<Connection>> connect();
  // Looks whether the server answers, which takes up to kLongestLook.
  void look_for_life();
  bool silent() const noexcept { return silent_; }
  std::chrono::milliseconds deadline() const { return deadline_; }

  static constexpr std::chrono::seconds kLongestLook{2};
  static constexpr std::chrono::seconds kShortestDeadline{4};
  const Queries& queries() const { return queries_; }
  // Without user and password, for messages.
  const std::string& place() const { return place_; }

 private:
  using Time = std::chrono::steady_clock;

  Error refusal(const std::string& detail) const;
  std::string without_password(std::string text) const;

  const std::string url_;
  const std::chrono::milliseconds deadline_;
  const Queries queries_{"postgres"};
  std::string place_;
  std::string password_;

  std::atomic<bool> silent_{false};
  Mutex mutex_;
  Time::time_point not_before_ GUARDED_BY(mutex_){};
  std::chrono::milliseconds pause_ GUARDED_BY(mutex_){0};
  std::string last_failure_ GUARDED_BY(mutex_);
};

}  // namespace rankloop::storage::postgres
