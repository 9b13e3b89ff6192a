// What the routes of all long tasks have in common: a start, a look at one of a kind, and its end by hand.
#pragma once

#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include "app/records.h"
#include "domain/task.h"
#include "http/await.h"
#include "http/routes/inputs.h"
#include "http/routes/keep.h"
#include "http/routes/services.h"

namespace rankloop::http {

// The JSON body of a route that needs none; null without one. kInvalidArgument.
Result<boost::json::value> body_if_given(const Request& request);

// "task_id", "status" and "type" of a task, as an object.
std::string job_status_json(const app::TaskRecord& task);

// What `start(keep, done)` has scheduled, kept under the request's Idempotency-Key as that task.
template <class Start>
boost::asio::awaitable<Response> started_job(Request& request, Start start) {
  auto keep = keep_for<app::TaskRecord>(
      request.idempotency, [](const app::TaskRecord& task, app::KeptAnswer& kept) { kept.task = task.id; });
  const auto started =
      co_await callback_result<app::TaskRecord>([&](auto done) { start(std::move(keep), std::move(done)); });
  co_return kept_response(request, started, started ? job_status_json(*started) : "");
}

// The task of the path, of this kind. kNotFound, also of another kind.
boost::asio::awaitable<Result<app::TaskRecord>> job_in_path(Services& services, const Request& request,
                                                            TaskKind kind);

// Revokes the task of the path.
boost::asio::awaitable<Response> cancelled_job(Services& services, Request& request, TaskKind kind);

}  // namespace rankloop::http
