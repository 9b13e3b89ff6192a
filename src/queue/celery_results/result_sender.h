// Results of foreign tasks into Redis, where Celery's result back-end reads them.
#pragma once

#include <deque>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "error/result.h"
#include "sync/mutex.h"
#include "telemetry/log.h"

namespace rankloop::queue::celery_results {

struct RedisAddress {
  std::string host = "localhost";
  int port = 6379;
  std::string user;
  std::string password;
  int database = 0;
};

// redis://[user][:password]@host:port/db. kInvalidArgument without the password in its message.
Result<RedisAddress> parse_redis_address(std::string_view url);

// Thread-safe. One thread of its own owns the connection and makes it anew when it is lost; what waits
// meanwhile is bounded, and every call to Redis is.
class ResultSender {
 public:
  static constexpr std::size_t kMostWaiting = 10'000;

  // `log` is borrowed and may be nullptr.
  ResultSender(RedisAddress address, telemetry::Logger* log);
  // Sends what waits as long as Redis answers, for at most a second.
  ~ResultSender();

  // Key celery-task-meta-<id> for one day, and published under the same name. A success that is there stays.
  // Never blocks; false when too much waits already.
  bool send(const std::string& id, const std::string& meta) noexcept;

 private:
  class Redis;
  struct Waiting {
    std::string key;
    std::string meta;
  };
  void run(const std::stop_token& stop);
  bool next(const std::stop_token& stop, Waiting& out);
  void note(const Error& error);

  const RedisAddress address_;
  telemetry::Logger* const log_;
  std::string last_fault_;  // of the thread: the log has each fault once
  Mutex mutex_;
  StoppableCondition arrived_;
  std::deque<Waiting> waiting_ GUARDED_BY(mutex_);
  std::jthread thread_;  // last: ends before the rest
};

}  // namespace rankloop::queue::celery_results
