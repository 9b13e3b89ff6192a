// Waits for a task as a coroutine.
#include "http/routes/task_wait.h"

namespace rankloop::http {

boost::asio::awaitable<Result<app::TaskStatus>> read_status(Services& services, TaskId task) {
  if (auto known = services.app.inference.known_status(task)) co_return *std::move(known);
  co_return co_await blocking_result<app::TaskStatus>(
      services.reads, [&inference = services.app.inference, task] { return inference.status(task); });
}

}  // namespace rankloop::http
