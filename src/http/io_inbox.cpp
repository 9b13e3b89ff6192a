// The list of completions and what wakes the context's thread.
#include "http/io_inbox.h"

#include <boost/asio/post.hpp>

#include "error/caught.h"

namespace rankloop::http {

boost::asio::execution_context::id IoInbox::id;

IoInbox::IoInbox(boost::asio::execution_context& context)
    : service(context), executor_(static_cast<boost::asio::io_context&>(context).get_executor()) {}

// Coroutines that still wait are destroyed with the context; nobody may be woken any more.
void IoInbox::shutdown() noexcept {
  std::vector<std::function<void()>> dropped;
  const Lock lock(mutex_);
  dropped.swap(arrived_);
}

Inbox& inbox_of(const boost::asio::any_io_executor& executor) {
  return boost::asio::use_service<IoInbox>(executor.context());
}

void IoInbox::post(std::function<void()> work) {
  {
    const Lock lock(mutex_);
    arrived_.push_back(std::move(work));
    if (std::exchange(woken_, true)) return;  // the one before has woken the thread already
  }
  const Status posted = without_throwing([this] { boost::asio::post(executor_, [this] { run_all(); }); });
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
