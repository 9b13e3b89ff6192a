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

// Waits until `enough(state)`, at most `wait`; answers the status as it is then. kNotFound.
template <class Enough>
boost::asio::awaitable<Result<app::TaskStatus>> wait_for_status(Services& services, TaskId task,
                                                                std::chrono::milliseconds wait,
                                                                Enough enough) {
  Result<app::TaskStatus> status = co_await read_status(services, task);
  if (!status || wait.count() <= 0 || enough(status->state)) co_return status;
  std::unique_ptr<app::TaskWatch::Waiter> waiter;
  // The outcome does not matter: whoever wakes us, and when nobody does in time, the state is read again.
  (void)co_await callback_result<TaskState>(services.inbox, wait, [&](auto done) {
    auto woken = std::make_shared<std::atomic_flag>();
    const app::TaskWatch::Wake wake = [done, woken, enough](TaskState state) {
      if (enough(state) && !woken->test_and_set()) done(state);
    };
    waiter = services.watch.wait(task, wake);
    // It may have changed before the waiter was there.
    if (const auto known = services.inference.known_status(task)) wake(known->state);
  });
  waiter.reset();
  co_return co_await read_status(services, task);
}

}  // namespace rankloop::http
