// Takes messages of one queue: hints go to the buffer of their kind, foreign tasks to the listener, the rest
// to the dead letters. Used by the connection's thread only, but for its buffer.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "queue/celery/envelope.h"
#include "queue/rabbitmq/connection.h"
#include "queue/rabbitmq/hint_buffer.h"
#include "queue/rabbitmq/inbox.h"
#include "queue/rabbitmq/publisher.h"
#include "queue/rabbitmq/worker_presence.h"

namespace rankloop::queue::rabbitmq {

class Consumer {
 public:
  // What could not be run is answered with a failure through `send_result`.
  using SendResult = std::function<void(const ForeignResult&)>;
  Consumer(TaskKind kind, const QueueOptions& options, std::shared_ptr<Inbox> inbox, Publisher& publisher,
           WorkerPresence& presence, SendResult send_result);

  static constexpr Channel kFirstChannel = 2;  // one for each foreign kind from here on

  HintBuffer& buffer() { return buffer_; }
  Channel channel() const { return static_cast<Channel>(kFirstChannel + place_of(kind_)); }
  const std::string& queue() const { return options_.queues[place_of(kind_)]; }
  std::string dead_queue() const { return queue() + ".dead"; }
  int prefetch() const { return prefetch_; }
  bool has_begun() const { return has_begun_; }  // some worker has waited here

  // Its queue, the exchange of the same name, and the dead letters. kFailedPrecondition: a queue is there
  // with other properties.
  Status declare(Connection& connection, Channel on) const;
  Status attach(Connection& connection, std::uint64_t connection_number);
  void detach();
  // Begins, widens or ends consuming as the waiting workers want it, and gives back what is due.
  Status follow(Monotonic now);
  Status delivered(Delivered delivered, celery::Moment now);
  // The broker ended the consumer: its queue is gone.
  void cancelled() { prefetch_ = 0; }
  // Acknowledges what was taken; the rest goes back to the queue a little later. Tickets of an older
  // connection are dropped.
  Status settle(const std::vector<Settled>& settled, Monotonic now);

 private:
  void arrived(ForeignTask task, const Ticket& ticket, celery::Moment now);
  void refuse(celery::Message message, const celery::Refused& refused, const Ticket& ticket,
              celery::Moment now);
  Status acknowledge(std::vector<std::uint64_t> tags);
  Status give_back(std::uint64_t tag);

  const TaskKind kind_;
  const QueueOptions& options_;
  const std::shared_ptr<Inbox> inbox_;  // whoever settles a task may outlive the queue
  Publisher& publisher_;
  WorkerPresence& presence_;
  const SendResult send_result_;
  HintBuffer buffer_;
  Connection* connection_ = nullptr;
  std::uint64_t connection_number_ = 0;
  int prefetch_ = 0;  // 0: not consuming
  bool has_begun_ = false;
  std::set<std::uint64_t> unacknowledged_;
  std::unordered_map<std::uint64_t, std::string> arrived_;        // ids of foreign tasks that are not settled
  std::deque<std::pair<Monotonic, std::uint64_t>> to_give_back_;  // by time
};

}  // namespace rankloop::queue::rabbitmq
