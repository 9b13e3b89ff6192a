#include "http/io_inbox.h"

#include <boost/asio/post.hpp>

namespace rankloop::http {

void IoInbox::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    arrived_.push_back(std::move(work));
    if (arrived_.size() > 1) return;  // the one before has woken the I/O thread already
  }
  boost::asio::post(io_, [this] { run_all(); });
}

void IoInbox::run_all() {
  {
    const std::lock_guard lock(mutex_);
    running_.swap(arrived_);
  }
  for (const auto& work : running_) work();
  running_.clear();
}

}  // namespace rankloop::http
