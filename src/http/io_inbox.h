// The Inbox of an I/O context: completions gather in a list, and only the first of them wakes the context's
// thread.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>

#include "http/await.h"
#include "sync/mutex.h"

namespace rankloop::http {

// A service of the context: made when it is first asked for (boost::asio::use_service), gone with the
// context.
class IoInbox final : public boost::asio::execution_context::service, public Inbox {
 public:
  static boost::asio::execution_context::id id;

  explicit IoInbox(boost::asio::execution_context& context);
  void post(std::function<void()> work) override;
  // What arrived, at once; on the context's thread.
  void run_all();

 private:
  void shutdown() noexcept override;

  boost::asio::io_context::executor_type executor_;
  Mutex mutex_;
  std::vector<std::function<void()>> arrived_ GUARDED_BY(mutex_);
  bool woken_ GUARDED_BY(mutex_) = false;       // run_all() is about to be called
  std::vector<std::function<void()>> running_;  // the context's thread only; kept for its capacity
};

}  // namespace rankloop::http
