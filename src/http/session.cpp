// The coroutine of one connection: reads, answers, writes, and begins again.
#include "http/session.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/ascii.h"
#include "http/response_head.h"
#include "http/session_bounds.h"

namespace rankloop::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kKeptCapacity = 16U << 10;  // of the read buffer, between requests
constexpr std::size_t kMaxPipelined = 64U << 10;  // bytes taken while a handler waits
constexpr std::size_t kMaxLingering = 1U << 20;   // bytes
constexpr std::chrono::seconds kLingerTime{1};
constexpr std::chrono::seconds kProbeAfter{5};  // since a waiting client has closed its side
constexpr int kClientGone = 499;                // in metrics only: nobody was there to be answered

Response too_busy(std::string_view why) {
  return error_response(Error(ErrorCode::kResourceExhausted, std::string(why)));
}

}  // namespace

class Session::UnderWay {
 public:
  explicit UnderWay(ServerState& state) : state_(state) { ++state_.under_way; }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
  ~UnderWay() { --state_.under_way; }

 private:
  ServerState& state_;
};

Session::Session(asio::ip::tcp::socket socket, ServerState& state)
    : state_(state), pipeline_(state), socket_(std::move(socket)), deadline_(TimePoint::max()) {
  error_code error;
  const auto other = socket_.remote_endpoint(error);
  if (!error) remote_ = other.address();
  behind_proxy_ = state_.proxies.contains(remote_);
  limited_ = state_.connections.enter(*this, behind_proxy_ ? std::string() : peer_name(remote_)) ==
             Connections::Entry::kLimited;
  if (limited_) state_.metrics.refused->Increment();
}

Session::~Session() {
  state_.connections.leave(*this);
}

void Session::close() {
  error_code ignored;
  socket_.close(ignored);
}

void Session::expire_if_due(TimePoint now) {
  if (now < deadline_) return;
  if (phase_ != Phase::kReading) return close();
  timed_out_ = true;  // this one is told why: 408
  error_code ignored;
  socket_.cancel(ignored);
}

// What came does so too slowly: less than the least rate, once the patience of one piece is over.
bool Session::too_slow(TimePoint since, std::size_t bytes, std::chrono::milliseconds patience) const {
  const std::chrono::duration<double> beyond = std::chrono::steady_clock::now() - since - patience;
  return beyond.count() > 0 &&
         static_cast<double>(bytes) < beyond.count() * static_cast<double>(state_.options.least_rate);
}

void Session::drain() {
  // A cancelled socket ends watch_client(), and that the stream. A write under way is not disturbed: the
  // stream looks at `draining` after it.
  if (!streaming_ || phase_ != Phase::kHandling) return;
  error_code ignored;
  socket_.cancel(ignored);
}

asio::awaitable<void> Session::run() {
  try {
    while (co_await serve_one()) {
    }
  } catch (const boost::system::system_error&) {
    // Cancelled: the server stops.
  } catch (const std::exception& error) {
    state_.logger.error("connection failed", {{"request_id", request_.request_id}, {"reason", error.what()}});
  }
  close();
}

// Answers whether the connection lives on.
asio::awaitable<bool> Session::serve_one() {
  request_ = Request();
  stored_.reset();
  parser_.emplace(request_, state_.options.max_header, state_.bodies);
  if (buffer_.size() == 0 && buffer_.capacity() > kKeptCapacity) buffer_.shrink_to_fit();
  state_.connections.becomes_idle(*this);
  enter_for(Phase::kIdle, limited_ ? kLimitedTime : state_.options.idle_timeout);
  Step step = co_await read_head();
  state_.connections.becomes_busy(*this);
  if (step != Step::kDone) co_return co_await refuse_unread(step);

  const UnderWay under_way(state_);
  request_.peer = behind_proxy_ ? state_.proxies.client_behind(request_) : peer_name(remote_);
  Admission admission = pipeline_.admit(request_, *parser_);
  if (limited_) limit(admission);
  if (parser_->has_body()) {
    const bool discardable = !parser_->chunked() && parser_->declared_body() <= kMaxDiscarded &&
                             request_.header("Expect").empty() && !admission.close;
    if (!admission.refusal || discardable) {
      step = co_await read_body(admission);
      if (step != Step::kDone) co_return co_await refuse_unread(step);
    } else {
      admission.close = true;
    }
  }
  const bool alive = co_await answer(admission);
  if (!alive && admission.close && !parser_->is_done()) co_await linger();
  co_return alive;
}

// There are too many connections: only what must always be answered is, and then this one ends.
void Session::limit(Admission& admission) const {
  admission.close = true;
  const bool vital = admission.route != nullptr && admission.route->vital;
  if (!vital && !admission.refusal) admission.refusal = too_busy("too many connections");
}

asio::awaitable<bool> Session::answer(const Admission& admission) {
  enter(Phase::kHandling, TimePoint::max());
  const bool waits = admission.waits && !admission.refusal;
  const auto place =
      waits ? state_.waiting.take(request_.peer) : std::optional<WaitingPlaces::Place>(std::nullopt);
  Response response;
  if (admission.refusal) {
    response = *admission.refusal;
  } else if (waits && !place) {
    response = too_busy("too many requests are waiting");
  } else if (waits) {
    request_.has_place = true;
    auto watched = co_await answer_watched(*admission.route);
    if (!watched) {
      pipeline_.record(request_, admission.route, parser_->method(), kClientGone);
      co_return false;
    }
    response = std::move(*watched);
  } else {
    response = co_await pipeline_.answer(request_, *admission.route);
  }
  co_await pipeline_.compress(request_, response);
  pipeline_.record(request_, admission.route, parser_->method(), response.status);
  const bool keep_alive =
      parser_->keep_alive() && !admission.close && !state_.draining.load(std::memory_order_relaxed);
  co_return co_await write(response, keep_alive) && keep_alive;
}

// Nothing when the client has gone.
asio::awaitable<std::optional<Response>> Session::answer_watched(const Route& route) {
  using namespace asio::experimental::awaitable_operators;  // NOLINT: operators are found no other way
  auto outcome = co_await (pipeline_.answer(request_, route) || watch_client());
  if (outcome.index() == 0) co_return std::move(std::get<0>(outcome));
  co_return std::nullopt;
}

// Ends when the client has gone or drain() says so. What it sends meanwhile is its next request.
asio::awaitable<void> Session::watch_client() {
  while (buffer_.size() < kMaxPipelined) {
    const auto room = buffer_.prepare(kReadSize);
    error_code error;
    const std::size_t size =
        co_await socket_.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::eof) {
      half_closed_ = true;
      co_return co_await watch_half_closed();
    }
    if (error) {
      client_gone_ = error != asio::error::operation_aborted;
      co_return;
    }
    buffer_.commit(size);
  }
  asio::steady_timer forever(socket_.get_executor(), asio::steady_timer::time_point::max());
  co_await forever.async_wait(asio::use_awaitable);
}

// A client may close its side and still read. One that has gone altogether looks the same until something is
// sent to it: an interim answer, which clients pass over, brings a reset from there. A stream sends by
// itself.
asio::awaitable<void> Session::watch_half_closed() {
  using namespace asio::experimental::awaitable_operators;  // NOLINT: operators are found no other way
  if (!streaming_ && parser_->is_http11()) {
    asio::steady_timer patience(socket_.get_executor(), kProbeAfter);
    const auto first = co_await (watch_for_reset() || patience.async_wait(asio::use_awaitable));
    if (first.index() == 0) co_return;
    error_code error;
    socket_.write_some(asio::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25), error);
  }
  co_await watch_for_reset();
}

asio::awaitable<void> Session::watch_for_reset() {
  error_code error;
  co_await socket_.async_wait(asio::ip::tcp::socket::wait_error,
                              asio::redirect_error(asio::use_awaitable, error));
  client_gone_ = error != asio::error::operation_aborted;
}

asio::awaitable<bool> Session::write(Response& response, bool keep_alive) {
  const bool http11 = parser_ ? parser_->is_http11() : true;
  const bool head_only = request_.head_only || response.status == 204 || response.status == 304;
  Framing framing = Framing::kLength;
  if (response.stream) {
    framing = http11 ? Framing::kChunked : Framing::kUntilClose;
    response.headers.emplace_back("X-Accel-Buffering", "no");  // a proxy shall pass it on as it comes
  }
  head_.clear();
  // As the W3C's draft of response headers has it: which span answered.
  if (request_.trace) {
    response.headers.emplace_back("traceresponse", telemetry::to_traceparent(request_.trace->span));
  }
  append_response_head(head_, response, request_.request_id, state_.date, framing,
                       keep_alive && framing != Framing::kUntilClose, http11);
  const bool sent = co_await send(head_, head_only ? std::string_view() : response.content(),
                                  {response.shared_body.get(), response.lasting_body.empty()});
  if (!sent || !response.stream || head_only) co_return sent;
  co_return co_await write_stream(response.stream, framing == Framing::kChunked) &&
      framing == Framing::kChunked;
}

asio::awaitable<bool> Session::write_stream(const BodyStream& next, bool chunked) {
  using namespace asio::experimental::awaitable_operators;  // NOLINT: operators are found no other way
  streaming_ = true;
  auto outcome = co_await (write_pieces(next) || watch_client());
  streaming_ = false;
  const bool whole = outcome.index() == 0 ? std::get<0>(outcome) : !client_gone_;
  if (!whole || !chunked) co_return whole;
  co_return co_await send("0\r\n\r\n", {});
}

// True when the stream has come to its end, or to the server's.
asio::awaitable<bool> Session::write_pieces(const BodyStream& next) {
  const bool chunked = parser_->is_http11();
  try {
    while (!state_.draining.load(std::memory_order_relaxed)) {
      enter(Phase::kHandling, TimePoint::max());
      const std::string piece = co_await next();
      if (piece.empty()) break;
      head_.clear();
      if (chunked) append_chunk_size(head_, piece.size());
      head_ += piece;
      if (chunked) head_ += "\r\n";
      if (!co_await send(head_, {}, {nullptr, true})) co_return false;
    }
    co_return true;
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;
    state_.logger.error("stream failed", {{"request_id", request_.request_id}, {"reason", error.what()}});
  } catch (const std::exception& error) {
    state_.logger.error("stream failed", {{"request_id", request_.request_id}, {"reason", error.what()}});
  }
  co_return false;  // without its last chunk, so that the client sees that something is missing
}

// The socket does not block, so most answers go out here without a turn through the event loop.
asio::awaitable<bool> Session::send(std::string_view head, std::string_view body, Holder holder) {
  std::array<asio::const_buffer, 2> rest{asio::buffer(head), asio::buffer(body)};
  const std::size_t whole = head.size() + body.size();
  std::optional<UnsentBytes::Holding> holding;
  TimePoint began;
  for (;;) {
    error_code error;
    std::size_t sent = socket_.write_some(rest, error);
    for (asio::const_buffer& part : rest) {
      const std::size_t here = std::min(sent, part.size());
      part += here;
      sent -= here;
    }
    const std::size_t left = rest[0].size() + rest[1].size();
    if (left == 0) co_return true;
    if (error && error != asio::error::would_block && error != asio::error::try_again) co_return false;
    if (!error) continue;
    if (!holding) {
      began = std::chrono::steady_clock::now();
      const std::size_t own = holder.shared == nullptr && holder.owned ? whole : head.size();
      holding.emplace(state_.unsent, *this, own,
                      UnsentBytes::Shared{holder.shared, holder.shared == nullptr ? 0 : body.size()});
    } else if (too_slow(began, whole - left, state_.options.write_timeout)) {
      co_return false;
    }
    enter_for(Phase::kWriting, state_.options.write_timeout);
    co_await socket_.async_wait(asio::ip::tcp::socket::wait_write,
                                asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return false;
  }
}

// Closing with unread bytes in the socket would reset the connection, and the client might never see the
// answer.
asio::awaitable<void> Session::linger() {
  error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  enter_for(Phase::kLingering, kLingerTime);
  buffer_.clear();
  const auto room = buffer_.prepare(kBodyReadSize);
  for (std::size_t taken = 0; !error && taken < kMaxLingering;) {
    taken += co_await socket_.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
  }
}

}  // namespace rankloop::http
