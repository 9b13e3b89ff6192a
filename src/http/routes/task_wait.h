// Reading a task's status, and waiting for it to change, on the I/O thread.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "app/inference.h"
#include "app/task_watch.h"
#include "http/routes/services.h"

namespace rankloop::http {

// From memory where it is known, else from the disk. kNotFound.
boost::asio::awaitable<Result<app::TaskStatus>> read_status(Services& services, TaskId task);

// Of a task that is waited for: the first change that is enough.
struct EnoughChanged : Arrival {
  std::atomic_flag once;
};

// Waits until `enough(state)`, at most `wait`; answers the status as it is then. kNotFound.
template <class Enough>
boost::asio::awaitable<Result<app::TaskStatus>> wait_for_status(Services& services, TaskId task,
                                                                std::chrono::milliseconds wait,
                                                                Enough enough) {
  const auto known = services.inference.known_status(task);
  if (known && (wait.count() <= 0 || enough(known->state))) co_return *known;
  // The waiter is there before the state is read, so no change in between is missed.
  const auto changed = std::make_shared<EnoughChanged>();
  auto waiter = services.watch.wait(task, [changed, enough, &inbox = services.inbox](TaskState state) {
    if (enough(state) && !changed->once.test_and_set()) changed->arrive(inbox);
  });
  Result<app::TaskStatus> status = co_await read_status(services, task);
  if (!status || wait.count() <= 0 || enough(status->state)) co_return status;
  // The outcome does not matter: whoever wakes us, and when nobody does in time, the state is read again.
  (void)co_await changed->wait(wait);
  waiter.reset();
  co_return co_await read_status(services, task);
}

}  // namespace rankloop::http
