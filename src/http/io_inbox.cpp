// The list of completions and what wakes the I/O thread.
#include "http/io_inbox.h"

#include <boost/asio/post.hpp>

#include "error/caught.h"

namespace rankloop::http {

void IoInbox::post(std::function<void()> work) {
  {
    const Lock lock(mutex_);
    arrived_.push_back(std::move(work));
    if (std::exchange(woken_, true)) return;  // the one before has woken the I/O thread already
  }
  const Status posted = without_throwing([this] { boost::asio::post(io_, [this] { run_all(); }); });
  if (posted) return;
  // There was no memory to wake it: the next one tries again, and the server's tick looks by itself.
  const Lock lock(mutex_);
  woken_ = false;
}

void IoInbox::run_all() {
  {
    const Lock lock(mutex_);
    running_.swap(arrived_);
    woken_ = false;
  }
  for (const auto& work : running_) static_cast<void>(without_throwing(work));  // the others have their turn
  running_.clear();
}

}  // namespace rankloop::http
