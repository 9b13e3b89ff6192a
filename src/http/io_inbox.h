// The Inbox of a server: completions gather in a list, and only the first of them wakes the I/O thread.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "http/await.h"

namespace rankloop::http {

class IoInbox final : public Inbox {
 public:
  explicit IoInbox(boost::asio::io_context& io) : io_(io) {}
  void post(std::function<void()> work) override;
  // What arrived, at once; on the I/O thread.
  void run_all();

 private:
  boost::asio::io_context& io_;
  std::mutex mutex_;
  std::vector<std::function<void()>> arrived_;  // guarded by mutex_
  bool woken_ = false;                          // guarded by mutex_: run_all() is about to be called
  std::vector<std::function<void()>> running_;  // I/O thread only; kept for its capacity
};

}  // namespace rankloop::http
