// Results that Celery's workers leave in Redis under celery-task-meta-<id>: each is announced under the name
// of its key when it is written, and was there before when nobody listened yet. Not thread-safe: one thread
// owns it.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <hiredis/hiredis.h>
#include <poll.h>

#include "domain/clock.h"
#include "domain/ids.h"
#include "error/result.h"
#include "queue/celery_results/result_sender.h"

namespace rankloop::queue::external {

struct StoredAnswer {
  TaskId id;
  std::string meta;  // JSON; of a state that may not be the last
};

class RedisAnswers {
 public:
  explicit RedisAnswers(celery_results::RedisAddress address) : address_(std::move(address)) {}

  // Connects, for at most a few seconds, and listens to all that is expected. kUnavailable.
  Status open();
  bool is_open() const { return commands_.context != nullptr; }
  void close();

  void expect(const TaskId& id);
  // With `remove`, its result is deleted, too.
  void forget(const TaskId& id, bool remove);

  // Sends and reads what can be without waiting. kUnavailable: the connections are lost, and closed.
  Status exchange(Monotonic now, std::vector<StoredAnswer>& answers);
  // What to wait for before the next exchange.
  void watch(std::vector<pollfd>& sockets) const;

 private:
  struct Freed {
    void operator()(redisContext* context) const { redisFree(context); }
  };
  struct ReplyFreed {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
  };
  using Reply = std::unique_ptr<redisReply, ReplyFreed>;
  // Two of them, for one that listens takes no other commands.
  struct RedisChannel {
    std::unique_ptr<redisContext, Freed> context;
    bool is_sending = false;  // something waits for room in the socket
    Monotonic heard;
  };

  Status connect(RedisChannel& line, Monotonic now);
  Status log_in(redisContext& context) const;
  Status transfer(RedisChannel& line, std::vector<Reply>& replies, Monotonic now);
  void command(RedisChannel& line, std::initializer_list<std::string_view> words);
  void ping(Monotonic now);
  void on_announcement(const redisReply& reply, std::vector<StoredAnswer>& answers);
  void on_reply(const redisReply& reply, std::vector<StoredAnswer>& answers);
  static Error lost(const redisContext* context, std::string_view what);

  const celery_results::RedisAddress address_;
  std::unordered_set<TaskId> expected_;
  RedisChannel commands_;
  RedisChannel listening_;
  std::deque<std::optional<TaskId>> looked_up_;  // per command sent: whose result it asks for, if any
  Monotonic pinged_;
};

}  // namespace rankloop::queue::external
