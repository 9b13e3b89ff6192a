// One connection: reads requests, passes them through the pipeline one after the other, writes the answers in
// that order.
//
// There are no timers per connection: each phase sets a deadline, and the server's tick looks at all of them.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "http/connections.h"
#include "http/message.h"
#include "http/pipeline.h"
#include "http/request_parser.h"
#include "http/server_state.h"
#include "http/stored_body.h"

namespace rankloop::http {

// I/O thread only. Lives until its coroutine, run(), has ended.
class Session final : public Connection {
 public:
  Session(boost::asio::ip::tcp::socket socket, ServerState& state);
  ~Session() override;

  // The coroutine of the connection.
  boost::asio::awaitable<void> run();
  // Cancels run() when emitted as terminal.
  boost::asio::cancellation_signal& stop_signal() { return stop_signal_; }
  void close() override;
  // What the tick does once the deadline of the phase has passed.
  void expire_if_due(std::chrono::steady_clock::time_point now);
  // The server drains: a stream ends.
  void drain();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class Phase : std::uint8_t { kIdle, kReading, kHandling, kWriting, kLingering };
  enum class Step : std::uint8_t { kDone, kGone, kTimedOut, kFaulty, kNotStored };  // how reading went
  class UnderWay;
  // Whose memory an answer's bytes are, as long as the client does not take them.
  struct Holder {
    const void* shared;  // others' too, under this address; none: nullptr
    bool owned;          // this answer's alone
  };

  void enter(Phase phase, TimePoint deadline) {
    phase_ = phase;
    deadline_ = deadline;
  }
  void enter_for(Phase phase, std::chrono::milliseconds at_most) {
    enter(phase, std::chrono::steady_clock::now() + at_most);
  }
  bool too_slow(TimePoint since, std::size_t bytes, std::chrono::milliseconds patience) const;
  void limit(Admission& admission) const;

  boost::asio::awaitable<bool> serve_one();
  boost::asio::awaitable<Step> read_head();
  boost::asio::awaitable<Step> read_body(const Admission& admission);
  boost::asio::awaitable<bool> store_body();
  boost::asio::awaitable<Step> read_more();
  Step feed();
  boost::asio::awaitable<bool> refuse_unread(Step step);

  boost::asio::awaitable<bool> answer(const Admission& admission);
  boost::asio::awaitable<std::optional<Response>> answer_watched(const Route& route);
  boost::asio::awaitable<void> watch_client();
  boost::asio::awaitable<void> watch_half_closed();
  boost::asio::awaitable<void> watch_for_reset();

  boost::asio::awaitable<bool> write(Response& response, bool keep_alive);
  boost::asio::awaitable<bool> write_stream(const BodyStream& next, bool chunked);
  boost::asio::awaitable<bool> write_pieces(const BodyStream& next);
  boost::asio::awaitable<bool> send(std::string_view head, std::string_view body, Holder holder = {});
  boost::asio::awaitable<void> linger();

  ServerState& state_;
  Pipeline pipeline_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::cancellation_signal stop_signal_;
  boost::beast::flat_buffer buffer_;
  std::optional<StoredBody> stored_;  // of the request, once its body is long; removes it
  Error storing_;                     // why it is not, for Step::kNotStored
  Request request_;
  std::optional<RequestParser> parser_;
  std::string head_;  // of the answer being written
  Phase phase_ = Phase::kIdle;
  TimePoint deadline_;
  boost::asio::ip::address remote_;
  bool behind_proxy_ = false;  // the other end is a proxy that is trusted
  bool limited_ = false;       // see Connections::Entry
  bool timed_out_ = false;
  bool streaming_ = false;
  bool half_closed_ = false;  // nothing more comes from the client
  bool client_gone_ = false;
};

}  // namespace rankloop::http
