// The one thread that asks external workers over a broker connection of its own and gathers their answers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "queue/external/redis_answers.h"
#include "queue/external_workers.h"
#include "queue/rabbitmq/address.h"
#include "queue/rabbitmq/connection.h"
#include "queue/wake_signal.h"
#include "sync/mutex.h"

namespace rankloop::queue::external {

class ExternalLink final : public ExternalWorkers {
 public:
  ExternalLink(rabbitmq::Address broker, std::optional<celery_results::RedisAddress> results,
               ExternalOptions options);
  ~ExternalLink() override;

  void ask(const TaskId& id, std::string arguments, std::string traceparent, Done done) override;
  void forget(const TaskId& id) override;
  bool wait_ready(std::chrono::milliseconds at_most, const std::stop_token& stop) override;

 private:
  struct Call {
    std::string arguments;
    std::string traceparent;
    Done done;
    Monotonic deadline;
    bool taken = false;  // by the broker, for sure
  };
  struct Asked {
    TaskId id;
    Call call;
  };

  void run(const std::stop_token& stop);
  void turn();
  Status connect();
  Status declare();
  Status declare_requests();
  void follow_broker(Monotonic now);
  void follow_answers(Monotonic now);
  void lose_broker(const Error& why, Monotonic now);
  void take_asked();
  Status send_calls();
  Status read_events();
  Status handle(rabbitmq::Event event);
  void confirmed(const rabbitmq::Confirmed& confirmed);
  void settle(const TaskId& id, std::string_view content_type, std::string_view meta);
  void finish(const TaskId& id, Result<boost::json::value> answer);
  void fail_calls(bool all, const Error& why);
  void expire(Monotonic now);
  void set_ready();
  void sleep_until_something();
  void note(const Error& why);
  std::chrono::milliseconds rest(int failures) const;

  // Constant after construction.
  const rabbitmq::Address address_;
  const ExternalOptions options_;
  const std::string origin_;
  const std::string replies_;  // our queue of them; empty when they come from Redis

  // Of the thread.
  std::unique_ptr<rabbitmq::Connection> connection_;
  std::optional<RedisAnswers> answers_;
  std::unordered_map<TaskId, Call> calls_;
  std::vector<TaskId> unsent_;
  std::map<std::uint64_t, TaskId> unconfirmed_;  // by publication
  std::uint64_t published_ = 0;                  // on this connection
  bool blocked_ = false;
  int broker_failures_ = 0;
  Monotonic next_connect_;
  Monotonic next_answers_;
  std::string last_fault_;  // the log has each fault once

  WakeSignal wake_;
  Mutex mutex_;
  StoppableCondition changed_;
  std::vector<Asked> asked_ GUARDED_BY(mutex_);
  std::vector<TaskId> forgotten_ GUARDED_BY(mutex_);
  bool ready_ GUARDED_BY(mutex_) = false;

  std::jthread thread_;  // last: ends before the rest
};

}  // namespace rankloop::queue::external
