// Reads, tells and revokes long tasks.
#include "http/routes/job_routes.h"

#include "http/routes/views.h"

namespace rankloop::http {

using boost::asio::awaitable;

Result<boost::json::value> body_if_given(const Request& request) {
  if (request.body.empty()) return boost::json::value{};
  return json_body(request);
}

std::string job_status_json(const app::TaskRecord& task) {
  return task_status_json({task.id, task.kind, task.state, task.attempt, {}});
}

awaitable<Result<app::TaskRecord>> job_in_path(Services& services, const Request& request, TaskKind kind) {
  const Result<TaskId> id = task_in_path(request);
  if (!id) co_return id.error();
  auto task = co_await blocking_result<app::TaskRecord>(
      services.reads, [&tasks = services.app.tasks, id = *id] { return tasks.get(id); });
  if (task && task->kind != kind) co_return Error(ErrorCode::kNotFound, "Task not found");
  co_return task;
}

awaitable<Response> cancelled_job(Services& services, Request& request, TaskKind kind) {
  const auto task = co_await job_in_path(services, request, kind);
  if (!task) co_return error_response(task.error());
  co_return co_await started_job(request, [&](auto keep, auto done) {
    services.app.tasks.cancel(task->id, std::move(keep), std::move(done));
  });
}

}  // namespace rankloop::http
