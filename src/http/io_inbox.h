// The Inbox of a server: completions gather in a list, and only the first of them wakes the I/O thread.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "http/await.h"
#include "sync/mutex.h"

namespace rankloop::http {

class IoInbox final : public Inbox {
 public:
  explicit IoInbox(boost::asio::io_context& io) : io_(io) {}
  void post(std::function<void()> work) override;
  // What arrived, at once; on the I/O thread.
  void run_all();

 private:
  boost::asio::io_context& io_;
  Mutex mutex_;
  std::vector<std::function<void()>> arrived_ GUARDED_BY(mutex_);
  bool woken_ GUARDED_BY(mutex_) = false;       // run_all() is about to be called
  std::vector<std::function<void()>> running_;  // I/O thread only; kept for its capacity
};

}  // namespace rankloop::http
