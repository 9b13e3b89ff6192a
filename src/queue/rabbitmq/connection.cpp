// The calls of librabbitmq and their errors.
#include "queue/rabbitmq/connection.h"

#include <algorithm>

#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/time.h>

#include "queue/rabbitmq/amqp_table.h"

namespace rankloop::queue::rabbitmq {
namespace {

constexpr int kMostChannels = 16;
constexpr int kFrameBytes = 131'072;
constexpr std::string_view kConsumer = "rankloop";  // tags are per channel

timeval timeval_of(std::chrono::milliseconds time) {
  return {time.count() / 1'000, (time.count() % 1'000) * 1'000};
}

Error lost(std::string_view what, int status) {
  return {ErrorCode::kUnavailable, fmt::format("{}: {}", what, amqp_error_string2(status))};
}

Error refused(std::string_view what, std::uint16_t code, std::string_view text) {
  ErrorCode kind = ErrorCode::kUnavailable;
  if (code == AMQP_NOT_FOUND) kind = ErrorCode::kNotFound;
  if (code == AMQP_ACCESS_REFUSED || code == AMQP_NOT_ALLOWED) kind = ErrorCode::kPermissionDenied;
  if (code == AMQP_PRECONDITION_FAILED || code == AMQP_RESOURCE_LOCKED) kind = ErrorCode::kFailedPrecondition;
  return {kind, fmt::format("{}: the broker says {} {}", what, code, text)};
}

Status sent(std::string_view what, int status) {
  if (status == AMQP_STATUS_OK) return {};
  return lost(what, status);
}

celery::Message message_of(const amqp_message_t& raw) {
  celery::Message message;
  const amqp_basic_properties_t& from = raw.properties;
  const auto has = [&](amqp_flags_t flag) { return (from._flags & flag) != 0; };
  const auto text = [&](amqp_flags_t flag, const amqp_bytes_t& bytes) {
    return has(flag) ? std::string{text_of(bytes)} : std::string{};
  };
  message.content_type = text(AMQP_BASIC_CONTENT_TYPE_FLAG, from.content_type);
  message.content_encoding = text(AMQP_BASIC_CONTENT_ENCODING_FLAG, from.content_encoding);
  message.correlation_id = text(AMQP_BASIC_CORRELATION_ID_FLAG, from.correlation_id);
  message.reply_to = text(AMQP_BASIC_REPLY_TO_FLAG, from.reply_to);
  message.expiration = text(AMQP_BASIC_EXPIRATION_FLAG, from.expiration);
  if (has(AMQP_BASIC_DELIVERY_MODE_FLAG)) message.delivery_mode = from.delivery_mode;
  if (has(AMQP_BASIC_PRIORITY_FLAG)) message.priority = from.priority;
  if (has(AMQP_BASIC_HEADERS_FLAG)) message.headers = to_json(from.headers);
  message.body = text_of(raw.body);
  return message;
}

amqp_basic_properties_t properties_of(const celery::Message& message, const Table& headers) {
  amqp_basic_properties_t to{};
  const auto set = [&](amqp_flags_t flag, amqp_bytes_t& field, std::string_view text) {
    if (text.empty()) return;
    to._flags |= flag;
    field = bytes_of(text);
  };
  set(AMQP_BASIC_CONTENT_TYPE_FLAG, to.content_type, message.content_type);
  set(AMQP_BASIC_CONTENT_ENCODING_FLAG, to.content_encoding, message.content_encoding);
  set(AMQP_BASIC_CORRELATION_ID_FLAG, to.correlation_id, message.correlation_id);
  set(AMQP_BASIC_REPLY_TO_FLAG, to.reply_to, message.reply_to);
  set(AMQP_BASIC_EXPIRATION_FLAG, to.expiration, message.expiration);
  to._flags |= AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_PRIORITY_FLAG | AMQP_BASIC_HEADERS_FLAG;
  to.delivery_mode = message.delivery_mode;
  to.priority = message.priority;
  to.headers = headers.get();
  return to;
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const Address& address, std::string_view name,
                                                     std::chrono::seconds heartbeat,
                                                     std::chrono::milliseconds at_most) {
  std::unique_ptr<Connection> made(new Connection);
  const std::string what = "connecting to the broker at " + address.shown();
  if (!made->state_) return Error{ErrorCode::kResourceExhausted, what + ": out of memory"};
  const timeval limit = timeval_of(at_most);
  amqp_set_handshake_timeout(made->state(), &limit);
  amqp_set_rpc_timeout(made->state(), &limit);
  amqp_socket_t* socket = amqp_tcp_socket_new(made->state());
  if (!socket) return Error{ErrorCode::kResourceExhausted, what + ": out of memory"};
  timeval connect_limit = limit;
  if (const int status = amqp_socket_open_noblock(socket, address.host.c_str(), address.port, &connect_limit);
      status != AMQP_STATUS_OK)
    return lost(what, status);
  if (Status status = made->log_in(address, name, heartbeat); !status) return status.error();
  return made;
}

Connection::~Connection() = default;

Status Connection::log_in(const Address& address, std::string_view name, std::chrono::seconds heartbeat) {
  // The library itself asks for none of these.
  const boost::json::object fields{{"product", "rankloop"},
                                   {"connection_name", name},
                                   {"capabilities",
                                    {{"consumer_cancel_notify", true},
                                     {"connection.blocked", true},
                                     {"authentication_failure_close", true}}}};
  const Table properties(fields);
  const amqp_rpc_reply_t reply = amqp_login_with_properties(
      state(), address.vhost.c_str(), kMostChannels, kFrameBytes, static_cast<int>(heartbeat.count()),
      &properties.get(), AMQP_SASL_METHOD_PLAIN, address.user.c_str(), address.password.c_str());
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return {};
  const std::string what = fmt::format("logging in at the broker {} as {} (vhost {})", address.shown(),
                                       address.user, address.vhost);
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) return lost(what, reply.library_error);
  if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
    const auto* closed = static_cast<const amqp_connection_close_t*>(reply.reply.decoded);
    return refused(what, closed->reply_code, text_of(closed->reply_text));
  }
  return Error{ErrorCode::kUnavailable, what + ": the broker's answer is not understood"};
}

// The outcome of the last call that waited for an answer.
Status Connection::replied(Channel channel, std::string_view what) {
  const amqp_rpc_reply_t reply = amqp_get_rpc_reply(state());
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return {};
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) return lost(what, reply.library_error);
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
    const auto* closed = static_cast<const amqp_channel_close_t*>(reply.reply.decoded);
    Error error = refused(what, closed->reply_code, text_of(closed->reply_text));
    amqp_channel_close_ok_t seen{};
    amqp_send_method(state(), channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &seen);
    return error;
  }
  return Error{ErrorCode::kUnavailable, fmt::format("{}: the broker closed the connection", what)};
}

Status Connection::open_channel(Channel channel) {
  amqp_channel_open(state(), channel);
  return replied(channel, "opening a channel");
}

Status Connection::confirm_publications(Channel channel) {
  amqp_confirm_select(state(), channel);
  return replied(channel, "asking for confirmations");
}

Result<std::string> Connection::declare_queue(Channel channel, std::string_view name,
                                              const QueueShape& shape) {
  const Table arguments(shape.arguments);
  const amqp_queue_declare_ok_t* declared =
      amqp_queue_declare(state(), channel, bytes_of(name), 0, shape.durable, shape.exclusive,
                         shape.auto_delete, arguments.get());
  if (Status status = replied(channel, fmt::format("declaring the queue {}", name)); !status)
    return status.error();
  return std::string{text_of(declared->queue)};
}

Status Connection::declare_exchange(Channel channel, std::string_view name, std::string_view type,
                                    bool durable) {
  amqp_exchange_declare(state(), channel, bytes_of(name), bytes_of(type), 0, durable, 0, 0, amqp_empty_table);
  return replied(channel, fmt::format("declaring the exchange {}", name));
}

Status Connection::bind(Channel channel, std::string_view queue, std::string_view exchange,
                        std::string_view key) {
  amqp_queue_bind(state(), channel, bytes_of(queue), bytes_of(exchange), bytes_of(key), amqp_empty_table);
  return replied(channel, fmt::format("binding the queue {} to the exchange {}", queue, exchange));
}

Status Connection::delete_queue(Channel channel, std::string_view name) {
  amqp_queue_delete(state(), channel, bytes_of(name), 0, 0);
  return replied(channel, fmt::format("deleting the queue {}", name));
}

Status Connection::purge_queue(Channel channel, std::string_view name) {
  amqp_queue_purge(state(), channel, bytes_of(name));
  return replied(channel, fmt::format("purging the queue {}", name));
}

// Per consumer, not per channel: quorum queues refuse the other.
Status Connection::limit_prefetch(Channel channel, int messages) {
  amqp_basic_qos(state(), channel, 0, static_cast<std::uint16_t>(std::clamp(messages, 1, 65'535)), 0);
  return replied(channel, "limiting the prefetch");
}

Status Connection::consume(Channel channel, std::string_view queue, bool acknowledged) {
  amqp_basic_consume(state(), channel, bytes_of(queue), bytes_of(kConsumer), 0, acknowledged ? 0 : 1, 0,
                     amqp_empty_table);
  return replied(channel, fmt::format("consuming from the queue {}", queue));
}

Status Connection::cancel(Channel channel) {
  amqp_basic_cancel(state(), channel, bytes_of(kConsumer));
  return replied(channel, "ending a consumer");
}

Status Connection::publish(Channel channel, std::string_view exchange, std::string_view key,
                           const celery::Message& message, bool mandatory) {
  const Table headers(message.headers);
  const amqp_basic_properties_t properties = properties_of(message, headers);
  return sent("publishing", amqp_basic_publish(state(), channel, bytes_of(exchange), bytes_of(key),
                                               mandatory ? 1 : 0, 0, &properties, bytes_of(message.body)));
}

Status Connection::acknowledge(Channel channel, std::uint64_t tag, bool and_before) {
  return sent("acknowledging", amqp_basic_ack(state(), channel, tag, and_before ? 1 : 0));
}

Status Connection::give_back(Channel channel, std::uint64_t tag) {
  return sent("giving back a message", amqp_basic_nack(state(), channel, tag, 0, 1));
}

Result<std::optional<Event>> Connection::next() {
  const timeval at_once{0, 0};
  amqp_frame_t frame{};
  const int status = amqp_simple_wait_frame_noblock(state(), &frame, &at_once);
  if (status == AMQP_STATUS_TIMEOUT) return std::optional<Event>{};
  if (status != AMQP_STATUS_OK) return lost("reading from the broker", status);
  auto event = event_of(frame);
  amqp_maybe_release_buffers(state());
  return event;
}

Result<std::optional<Event>> Connection::event_of(const amqp_frame_t& frame) {
  if (frame.frame_type != AMQP_FRAME_METHOD) return std::optional<Event>{};
  const void* method = frame.payload.method.decoded;
  switch (frame.payload.method.id) {
    case AMQP_BASIC_DELIVER_METHOD:
      return delivered(frame.channel, *static_cast<const amqp_basic_deliver_t*>(method));
    case AMQP_BASIC_RETURN_METHOD:
      return returned(frame.channel, *static_cast<const amqp_basic_return_t*>(method));
    case AMQP_BASIC_ACK_METHOD: {
      const auto* ack = static_cast<const amqp_basic_ack_t*>(method);
      return std::optional<Event>{Confirmed{ack->delivery_tag, ack->multiple != 0, true}};
    }
    case AMQP_BASIC_NACK_METHOD: {
      const auto* nack = static_cast<const amqp_basic_nack_t*>(method);
      return std::optional<Event>{Confirmed{nack->delivery_tag, nack->multiple != 0, false}};
    }
    case AMQP_BASIC_CANCEL_METHOD:
      return std::optional<Event>{Cancelled{frame.channel}};
    case AMQP_CONNECTION_BLOCKED_METHOD:
      return std::optional<Event>{Blocked{true}};
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
      return std::optional<Event>{Blocked{false}};
    case AMQP_CHANNEL_CLOSE_METHOD: {
      const auto* closed = static_cast<const amqp_channel_close_t*>(method);
      ChannelClosed event{frame.channel,
                          refused("a channel", closed->reply_code, text_of(closed->reply_text))};
      amqp_channel_close_ok_t seen{};
      amqp_send_method(state(), frame.channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &seen);
      return std::optional<Event>{std::move(event)};
    }
    case AMQP_CONNECTION_CLOSE_METHOD: {
      const auto* closed = static_cast<const amqp_connection_close_t*>(method);
      Error error = refused("the connection", closed->reply_code, text_of(closed->reply_text));
      error.code = ErrorCode::kUnavailable;
      amqp_connection_close_ok_t seen{};
      amqp_send_method(state(), 0, AMQP_CONNECTION_CLOSE_OK_METHOD, &seen);
      return error;
    }
    default:
      return std::optional<Event>{};
  }
}

Result<std::optional<Event>> Connection::delivered(Channel channel, const amqp_basic_deliver_t& method) {
  const std::uint64_t tag = method.delivery_tag;
  auto message = read_message(channel);
  if (!message) return message.error();
  return std::optional<Event>{Delivered{channel, tag, *std::move(message)}};
}

Result<std::optional<Event>> Connection::returned(Channel channel, const amqp_basic_return_t& method) {
  std::string key{text_of(method.routing_key)};
  auto message = read_message(channel);
  if (!message) return message.error();
  return std::optional<Event>{Returned{std::move(key), std::move(message->correlation_id)}};
}

// Header and body come right behind the method; a broker that stops in between is found out by its heartbeat.
Result<celery::Message> Connection::read_message(Channel channel) {
  amqp_message_t raw{};
  const amqp_rpc_reply_t reply = amqp_read_message(state(), channel, &raw, 0);
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
    return reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION
               ? lost("reading a message", reply.library_error)
               : Error{ErrorCode::kUnavailable, "reading a message: the broker closed the channel"};
  }
  celery::Message message = message_of(raw);
  amqp_destroy_message(&raw);
  return message;
}

Status Connection::each_event(int most, const std::function<Status(Event)>& handle) {
  for (int i = 0; i < most; ++i) {
    auto event = next();
    if (!event) return event.error();
    // Nothing may have come because a frame was of no interest; more may be behind it.
    if (!*event && !has_buffered()) return {};
    if (!*event) continue;
    if (Status status = handle(**std::move(event)); !status) return status;
  }
  return {};
}

bool Connection::has_buffered() const {
  return amqp_frames_enqueued(state()) || amqp_data_in_buffer(state());
}

int Connection::socket() const {
  return amqp_get_sockfd(state());
}

bool Connection::writable() const {
  pollfd socket_ready{socket(), POLLOUT, 0};
  return poll(&socket_ready, 1, 0) == 1 && (socket_ready.revents & POLLOUT) != 0;
}

void Connection::close() noexcept {
  if (writable()) amqp_connection_close(state(), AMQP_REPLY_SUCCESS);
}

}  // namespace rankloop::queue::rabbitmq
