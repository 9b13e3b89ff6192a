// The arrival that a coroutine waits for.
#include "http/await.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace rankloop::http {

namespace asio = boost::asio;

// The coroutine sleeps in a timer: it belongs to the I/O context, so a deadline, a cancellation and the end
// of the server all find it there, and a completion wakes it by cancelling the timer.
struct Arrival::Waiter {
  Waiter(Arrival& arrival, const asio::any_io_executor& executor) : timer(executor), owner(arrival) {
    owner.waiter_ = this;
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() { owner.waiter_ = nullptr; }
  asio::steady_timer timer;
  Arrival& owner;
};

void Arrival::arrive() {
  if (state_.exchange(State::kArrived, std::memory_order_acq_rel) != State::kAwaited) return;
  inbox_.post([self = shared_from_this()] {
    if (self->waiter_ != nullptr) self->waiter_->timer.cancel();
  });
}

asio::awaitable<bool> Arrival::wait(std::optional<std::chrono::milliseconds> at_most) {
  State started = State::kStarted;
  if (!state_.compare_exchange_strong(started, State::kAwaited, std::memory_order_acq_rel)) co_return true;
  const auto self = shared_from_this();
  Waiter waiter(*this, co_await asio::this_coro::executor);
  if (at_most) {
    waiter.timer.expires_after(*at_most);
  } else {
    waiter.timer.expires_at(asio::steady_timer::time_point::max());
  }
  const auto [error] = co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (state_.load(std::memory_order_acquire) == State::kArrived) co_return true;
  if (error) throw boost::system::system_error(asio::error::operation_aborted);
  co_return false;
}

}  // namespace rankloop::http
