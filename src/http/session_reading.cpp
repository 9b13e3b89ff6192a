// How a session reads a request: its head, then its body, into memory or into a file.
#include <algorithm>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/session.h"
#include "http/session_bounds.h"

namespace rankloop::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

std::string_view view(const boost::beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

}  // namespace

Session::Step Session::feed() {
  const std::string_view bytes = view(buffer_);
  buffer_.consume(parser_->feed(bytes.data(), bytes.size()));
  return parser_->fault() == ReadFault::kNone ? Step::kDone : Step::kFaulty;
}

asio::awaitable<Session::Step> Session::read_more() {
  if (half_closed_) co_return Step::kGone;  // its end was told once and is not told again
  // Bodies are taken as they come; what does not shrink is a line without an end.
  if (buffer_.size() >= state_.options.max_header + kReadSize) co_return Step::kFaulty;
  const bool large = parser_->is_header_done() &&
                     std::max<std::uint64_t>(parser_->declared_body(), parser_->body_size()) > kReadSize;
  const auto room = buffer_.prepare(large ? kBodyReadSize : kReadSize);
  error_code error;
  const std::size_t size =
      co_await socket_.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
  if (timed_out_) co_return Step::kTimedOut;
  if (error) co_return Step::kGone;
  buffer_.commit(size);
  co_return Step::kDone;
}

asio::awaitable<Session::Step> Session::read_head() {
  for (;;) {
    if (phase_ == Phase::kIdle && buffer_.size() > 0) {
      // An empty line before a request is a leftover of some client's last body.
      if (view(buffer_).starts_with("\r\n")) buffer_.consume(2);
      request_.received = std::chrono::steady_clock::now();
      enter(Phase::kReading, request_.received + (limited_ ? kLimitedTime : state_.options.read_timeout));
    }
    if (buffer_.size() > 0 && feed() == Step::kFaulty) co_return Step::kFaulty;
    if (parser_->is_header_done()) co_return Step::kDone;
    const Step step = co_await read_more();
    if (step != Step::kDone) co_return step;
  }
}

asio::awaitable<Session::Step> Session::read_body(const Admission& admission) {
  parser_->read_body(admission.refusal ? kMaxDiscarded : admission.max_body, admission.refusal.has_value());
  if (buffer_.size() == 0 && parser_->is_http11() && !request_.header("Expect").empty()) {
    if (!co_await send("HTTP/1.1 100 Continue\r\n\r\n", {})) co_return Step::kGone;
  }
  const bool stores = !admission.refusal && admission.route->stores_body;
  TimePoint began = std::chrono::steady_clock::now();
  for (;;) {
    if (buffer_.size() > 0 && feed() == Step::kFaulty) co_return Step::kFaulty;
    const bool done = parser_->is_done();
    if (stores && (request_.body.size() >= StoredBody::kPiece || (done && stored_))) {
      const TimePoint before = std::chrono::steady_clock::now();
      if (!co_await store_body()) co_return Step::kNotStored;
      began += std::chrono::steady_clock::now() - before;  // the client does not answer for the disk
    }
    if (done) co_return Step::kDone;
    if (too_slow(began, parser_->body_size(), state_.options.read_timeout)) co_return Step::kTimedOut;
    enter_for(Phase::kReading, state_.options.read_timeout);
    const Step step = co_await read_more();
    if (step != Step::kDone) co_return step;
  }
}

// What has come of the body leaves the memory; nothing is read meanwhile, so that the client is held up.
asio::awaitable<bool> Session::store_body() {
  enter(Phase::kHandling, TimePoint::max());
  if (!stored_) stored_.emplace(state_);
  const std::size_t size = request_.body.size();
  const Status stored = co_await stored_->append(std::exchange(request_.body, {}));
  parser_->give_back(size);
  if (stored) {
    if (parser_->is_done()) request_.stored_body = stored_->bytes();
    co_return true;
  }
  storing_ = stored.error();
  state_.logger.error("a body cannot be stored", storing_, {{"request_id", request_.request_id}});
  co_return false;
}

// What is left of such a request cannot be told from the next one: the connection ends here.
asio::awaitable<bool> Session::refuse_unread(Step step) {
  stored_.reset();
  if (step == Step::kGone) co_return false;
  if (request_.request_id.empty()) request_.request_id = state_.request_ids.choose({});
  Response response;
  if (step == Step::kTimedOut) {
    response = detail_response(408, "the request took too long to arrive");
  } else if (step == Step::kNotStored) {
    response = error_response(storing_);
  } else {
    response = unreadable_response(parser_->fault(), parser_->max_body());
  }
  pipeline_.record(request_, nullptr, parser_->method(), response.status);
  if (co_await write(response, false)) co_await linger();
  co_return false;
}

}  // namespace rankloop::http
