// From callbacks and blocking calls to co_await, for handlers on the I/O thread. A coroutine goes on where it
// was: on the executor that it waits with.
//
// A handler that is cancelled (its client has gone, the server stops) leaves these by the exception Asio
// throws for it, boost::system::system_error with operation_aborted; a completion that comes later is
// dropped.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include "app/blocking_pool.h"
#include "error/result.h"

namespace rankloop::http {

// Brings completions from other threads to an I/O context. Many completions of one commit cost one wake-up.
// Thread-safe; belongs to the context, which must outlive every operation that may still complete.
class Inbox {
 public:
  virtual ~Inbox() = default;
  virtual void post(std::function<void()> work) = 0;
};

// The inbox of the I/O context (a boost::asio::io_context) that an executor runs on.
Inbox& inbox_of(const boost::asio::any_io_executor& executor);

using app::BlockingPool;

// Where a coroutine on the I/O thread and a completion on any thread meet.
class Arrival : public std::enable_shared_from_this<Arrival> {
 public:
  // Of a coroutine that runs on `executor`.
  explicit Arrival(const boost::asio::any_io_executor& executor) : inbox_(inbox_of(executor)) {}

  // Any thread, once. What was written before is seen by the coroutine.
  void arrive();
  // The I/O thread, once: true when arrive() came in time. Does not suspend when it came already.
  boost::asio::awaitable<bool> wait(std::optional<std::chrono::milliseconds> at_most);

 private:
  enum class State { kStarted, kAwaited, kArrived };
  struct Waiter;
  Inbox& inbox_;
  std::atomic<State> state_{State::kStarted};
  Waiter* waiter_ = nullptr;  // I/O thread only
};

template <class T>
struct ValueArrival : Arrival {
  using Arrival::Arrival;
  std::optional<Result<T>> value;
};

// The value `start`'s argument is called with, once, from any thread or inline. kDeadlineExceeded when it was
// not called within `at_most`.
template <class T, class Start>
boost::asio::awaitable<Result<T>> callback_result(std::optional<std::chrono::milliseconds> at_most,
                                                  Start start) {
  auto arrival = std::make_shared<ValueArrival<T>>(co_await boost::asio::this_coro::executor);
  start([arrival](Result<T> value) {
    arrival->value.emplace(std::move(value));
    arrival->arrive();
  });
  if (!co_await arrival->wait(at_most)) co_return Error(ErrorCode::kDeadlineExceeded, "it took too long");
  co_return std::move(*arrival->value);
}

// co_await callback_result<T>([&](auto done) { store.start(..., done); })
template <class T, class Start>
boost::asio::awaitable<Result<T>> callback_result(Start start) {
  return callback_result<T>(std::optional<std::chrono::milliseconds>(), std::move(start));
}

// co_await blocking_result<T>(pool, [] { return Result<T>...; }): kResourceExhausted when the pool is
// full or memory is out, kInternal when the work throws. `work` is copied and may outlive the handler: it
// owns what it uses.
template <class T, class Work>
boost::asio::awaitable<Result<T>> blocking_result(BlockingPool& pool, Work work) {
  return callback_result<T>([&pool, work = std::move(work)](auto done) mutable {
    app::run_on<T>(pool, std::move(work), std::move(done));
  });
}

// co_await handed_result<T>(pool, [](auto done) { ... }): for work on the pool that calls `done`
// itself, once, perhaps later and from elsewhere. The same errors; a throw counts only before that call.
template <class T, class Work>
boost::asio::awaitable<Result<T>> handed_result(BlockingPool& pool, Work work) {
  return callback_result<T>([&pool, work = std::move(work)](auto done) mutable {
    app::hand_to<T>(pool, std::move(work), std::move(done));
  });
}

}  // namespace rankloop::http
