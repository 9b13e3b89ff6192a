// Shows this process to Celery's tools as a worker: sends its events and answers remote control, on a channel
// of its own that may fail without harm. Used by the connection's thread only.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "queue/celery/task_event_log.h"
#include "queue/rabbitmq/connection.h"

namespace rankloop::queue::rabbitmq {

class WorkerPresence {
 public:
  static constexpr Channel kChannel = 5;

  using Revoke = std::function<void(std::vector<std::string> ids)>;
  WorkerPresence(celery::WorkerView identity, celery::Moment now, Revoke revoke)
      : node_(identity.node), board_(std::move(identity), now), revoke_(std::move(revoke)) {}

  celery::TaskEventLog& board() { return board_; }
  bool is_attached() const { return connection_ != nullptr; }
  // Declares exchanges and the control queue and tells that a worker is there.
  Status attach(Connection& connection, celery::Moment now);
  void detach() { connection_ = nullptr; }
  // Whether the time has come to attach (again); a channel that the broker closed is left alone for a while.
  bool wants_attach(celery::Moment now) const { return !connection_ && now >= retry_at_; }
  void failed(celery::Moment now) { connection_ = nullptr, retry_at_ = now + std::chrono::seconds{10}; }

  Status control(const celery::Message& message, int prefetch, celery::Moment now);
  // Heartbeats and events that are due.
  Status tick(celery::Moment now);
  Status leave(celery::Moment now);

 private:
  Status send(const celery::EventMessage& event);
  Status send_worker_event(std::string_view type, celery::Moment now);

  const std::string node_;
  celery::TaskEventLog board_;
  const Revoke revoke_;
  Connection* connection_ = nullptr;
  celery::Moment retry_at_;
  celery::Moment last_beat_;
  celery::Moment last_flush_;
};

}  // namespace rankloop::queue::rabbitmq
