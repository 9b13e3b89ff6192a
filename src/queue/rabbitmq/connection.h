// librabbitmq behind one RAII type: a connection with channels. Not thread-safe: one thread owns it. Every
// call is bounded by the time given to open(), but for publish and ack, which write only while writable() is
// true.
//
// Errors: kUnavailable when the connection is lost (throw it away then), kNotFound, kPermissionDenied and
// kFailedPrecondition (other arguments than those of what exists) when the broker refused and closed the
// channel.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <amqp.h>

#include "error/result.h"
#include "queue/celery/message.h"
#include "queue/rabbitmq/address.h"

namespace rankloop::queue::rabbitmq {

using Channel = std::uint16_t;

struct Delivered {
  Channel channel = 0;
  std::uint64_t tag = 0;
  celery::Message message;
};
// The broker has taken (or refused) the publications up to this number, or only this one.
struct Confirmed {
  std::uint64_t number = 0;
  bool and_before = false;
  bool taken = true;
};
// A mandatory message that no queue got; its confirmation comes after it.
struct Returned {
  std::string routing_key;
  std::string correlation_id;
};
// The queue of a consumer is gone.
struct Cancelled {
  Channel channel = 0;
};
struct ChannelClosed {
  Channel channel = 0;
  Error why;
};
// The broker does not take publications for now (its memory or disk is short).
struct Blocked {
  bool on = false;
};
using Event = std::variant<Delivered, Confirmed, Returned, Cancelled, ChannelClosed, Blocked>;

struct QueueShape {
  bool durable = true;
  bool exclusive = false;
  bool auto_delete = false;
  boost::json::object arguments;
};

class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const Address& address, std::string_view name,
                                                  std::chrono::seconds heartbeat,
                                                  std::chrono::milliseconds at_most);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Status open_channel(Channel channel);
  Status confirm_publications(Channel channel);
  // An empty name lets the broker choose one; the name comes back.
  Result<std::string> declare_queue(Channel channel, std::string_view name, const QueueShape& shape);
  Status declare_exchange(Channel channel, std::string_view name, std::string_view type, bool durable);
  Status bind(Channel channel, std::string_view queue, std::string_view exchange, std::string_view key);
  Status delete_queue(Channel channel, std::string_view name);
  Status purge_queue(Channel channel, std::string_view name);
  // For consumers that begin after it.
  Status limit_prefetch(Channel channel, int messages);
  Status consume(Channel channel, std::string_view queue, bool acknowledged);  // one consumer per channel
  Status cancel(Channel channel);

  Status publish(Channel channel, std::string_view exchange, std::string_view key,
                 const celery::Message& message, bool mandatory);
  Status acknowledge(Channel channel, std::uint64_t tag, bool and_before);
  Status give_back(Channel channel, std::uint64_t tag);

  // What has happened, without waiting; nullopt when nothing has. Also sends and checks heartbeats: call it
  // at least once a second.
  Result<std::optional<Event>> next();
  // Each event that has happened, at most so many; ends with the first fault of either.
  Status each_event(int most, const std::function<Status(Event)>& handle);
  // Whether next() may have something although the socket has nothing to read.
  bool has_buffered() const;
  int socket() const;
  bool writable() const;
  // Says goodbye; the broker drops what was not acknowledged.
  void close() noexcept;

 private:
  struct Freed {
    void operator()(amqp_connection_state_t state) const { amqp_destroy_connection(state); }
  };
  Connection() : state_(amqp_new_connection()) {}
  amqp_connection_state_t state() const { return state_.get(); }
  Status log_in(const Address& address, std::string_view name, std::chrono::seconds heartbeat);
  Status replied(Channel channel, std::string_view what);
  Result<std::optional<Event>> event_of(const amqp_frame_t& frame);
  Result<std::optional<Event>> delivered(Channel channel, const amqp_basic_deliver_t& method);
  Result<std::optional<Event>> returned(Channel channel, const amqp_basic_return_t& method);
  Result<celery::Message> read_message(Channel channel);

  std::unique_ptr<amqp_connection_state_t_, Freed> state_;
};

}  // namespace rankloop::queue::rabbitmq
