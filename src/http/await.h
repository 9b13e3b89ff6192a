// From callbacks and blocking calls to co_await, for handlers on the I/O thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "error/result.h"

namespace rankloop::http {

// Brings completions from other threads to the I/O thread. Many completions of one commit cost one wake-up.
// Thread-safe; must outlive every operation that may still complete.
class Inbox {
 public:
  virtual ~Inbox() = default;
  virtual void post(std::function<void()> work) = 0;
};

// Runs blocking work (reads that touch the disk) on a bounded number of threads.
class BlockingPool {
 public:
  virtual ~BlockingPool() = default;
  // False when too many wait; the work is then not run.
  virtual bool submit(std::function<void()> work) = 0;
};

// co_await callback_result<T>(inbox, [&](auto done) { store.start(..., done); }): the value `done` is called
// with, once, from any thread or inline (then without suspending).
//   template <class T, class Start>
//   boost::asio::awaitable<Result<T>> callback_result(Inbox& inbox, Start start);
//
// The same with a deadline: kDeadlineExceeded when `done` was not called in time (a later call is dropped).
//   template <class T, class Start>
//   boost::asio::awaitable<Result<T>> callback_result(Inbox& inbox, std::chrono::milliseconds at_most, Start start);
//
// co_await blocking_result<T>(pool, inbox, [] { return Result<T>...; }): kResourceExhausted when the pool is full.
//   template <class T, class Work>
//   boost::asio::awaitable<Result<T>> blocking_result(BlockingPool& pool, Inbox& inbox, Work work);

}  // namespace rankloop::http
