// Reading a task's status, and waiting for it to change, on the I/O thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "app/serve/inference.h"
#include "app/serve/task_watch.h"
#include "http/routes/services.h"

namespace rankloop::http {

// From memory where it is known, else from the disk. kNotFound.
boost::asio::awaitable<Result<app::TaskStatus>> read_status(Services& services, TaskId task);

// Waits until `enough(state)`, at most `wait` and not while the server leaves; answers the status as it is
// then. kNotFound.
template <class Enough>
boost::asio::awaitable<Result<app::TaskStatus>> wait_for_status(Services& services, TaskId task,
                                                                std::chrono::milliseconds wait,
                                                                Enough enough) {
  if (wait.count() <= 0) co_return co_await read_status(services, task);
  // The waiter is there before the state is read, so no change in between is missed.
  const auto changed = std::make_shared<EnoughChanged>(co_await boost::asio::this_coro::executor);
  auto waiter = services.app.watch.wait(task, [changed, enough](TaskState state) {
    if (!enough(state) || changed->once.test_and_set()) return;
    changed->state = state;
    changed->arrive();
  });
  const std::optional<TaskState> told = services.app.watch.told(task);
  app::TaskStatus status{.id = task, .state = told.value_or(TaskState::kReady)};
  // A success is for good. What has just begun here will be told of, so the store need not be asked first.
  if (told == TaskState::kSucceeded && enough(*told)) co_return status;
  if (!told || is_terminal(*told) || enough(*told)) {
    Result<app::TaskStatus> stored = co_await read_status(services, task);
    if (!stored || enough(stored->state)) co_return stored;
    status = *std::move(stored);
  }
  const Waits::Entry among(services.waits, changed);
  const bool woken = co_await changed->wait(wait);
  waiter.reset();
  // What else may have become of it by now only the store knows.
  if (!woken || changed->state != TaskState::kSucceeded) co_return co_await read_status(services, task);
  status.state = TaskState::kSucceeded;
  co_return status;
}

}  // namespace rankloop::http
