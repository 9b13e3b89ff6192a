// The handlers of the ledger and their table.
#include "http/routes/tasks.h"

#include <memory>
#include <string>

#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>

#include "http/routes/blocking_text.h"
#include "http/routes/inputs.h"
#include "http/routes/keep.h"
#include "http/routes/schemas.h"
#include "http/routes/views.h"
#include "http/task_kinds.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

const ChoiceInput kKind{.name = "kind", .help = "Only this kind", .words = task_kind_words()};
const ChoiceInput kState{
    .name = "state",
    .help = "Only this state",
    .words = {"scheduled", "ready", "running", "succeeded", "failed", "cancelled", "expired"}};
const TaskInput kBefore{.name = "before", .help = "Only tasks older than this one"};
const NumberInput kLimit{.name = "limit", .help = "How many", .maximum = 1'000, .preset = 100};

const std::string kTaskSchema =
    R"({"type":"object","required":["task_id","status","type","state","attempt","created","run_at","started",)"
    R"("finished","error"],"properties":{)"
    R"("task_id":{"type":"string","format":"uuid"},)"
    R"("status":{"type":"string","enum":["PENDING","STARTED","RETRY","SUCCESS","FAILURE","REVOKED"]},)"
    R"("type":{"type":"string","enum":)" +
    boost::json::serialize(boost::json::value_from(task_kind_words())) +
    R"(},)"
    R"("state":{"type":"string",)"
    R"("enum":["scheduled","ready","running","succeeded","failed","cancelled","expired"]},)"
    R"("attempt":{"type":"integer","minimum":0},"created":{"type":"string","format":"date-time"},)"
    R"("run_at":{"type":["string","null"],"format":"date-time"},)"
    R"("started":{"type":["string","null"],"format":"date-time"},)"
    R"("finished":{"type":["string","null"],"format":"date-time"},"error":{"type":["string","null"]},)"
    R"("trace_id":{"type":"string","pattern":"^[0-9a-f]{32}$","examples":["4bf92f3577b34da6a3ce929d0e0e4736"],"description":"Of a traced request"}}})";

awaitable<Response> list(Services& services, Request& request) {
  QueryReader query{request};
  app::TaskFilter filter;
  filter.limit = static_cast<int>(query.read(kLimit));
  if (const auto kind = query.read(kKind)) filter.kind = parse_task_kind(*kind);
  if (const auto state = query.read(kState)) filter.state = parse_task_state(*state);
  filter.before = query.read(kBefore);
  if (const Status fault = query.status(); !fault) co_return error_response(fault.error());
  const auto more_before =
      std::make_shared<std::string>();  // the last task's id when there may be older ones
  auto text = co_await blocking_text(
      services, [&tasks = services.app.tasks, filter] { return tasks.list(filter); },
      [more_before,
       limit = static_cast<std::size_t>(filter.limit)](const std::vector<app::TaskRecord>& tasks) {
        if (tasks.size() == limit) *more_before = tasks.back().id.to_string();
        return array_json(tasks, task_json);
      });
  Response response = text_response(std::move(text));
  if (!more_before->empty()) {
    std::string next = "</tasks?limit=" + std::to_string(filter.limit);
    if (filter.kind) next += "&kind=" + std::string{name_of(*filter.kind)};
    if (filter.state) next += "&state=" + std::string{name_of(*filter.state)};
    response.headers.emplace_back("Link", next + "&before=" + *more_before + ">; rel=\"next\"");
  }
  co_return response;
}

awaitable<Response> get(Services& services, Request& request) {
  const Result<TaskId> id = task_in_path(request);
  if (!id) co_return error_response(id.error());
  const auto task = co_await blocking_result<app::TaskRecord>(
      services.reads, [&tasks = services.app.tasks, id = *id] { return tasks.get(id); });
  co_return task ? json_response(task_json(*task)) : error_response(task.error());
}

awaitable<Response> retry(Services& services, Request& request) {
  const Result<TaskId> id = task_in_path(request);
  if (!id) co_return error_response(id.error());
  auto keep =
      keep_for<app::TaskRecord>(request.idempotency, [](const app::TaskRecord& task, app::KeptAnswer& kept) {
        kept.status = 200;
        kept.body = task_json(task);
      });
  const auto outcome = co_await callback_result<app::TaskRecord>(
      [&](auto done) { services.app.tasks.retry(*id, std::move(keep), std::move(done)); });
  co_return kept_response(request, outcome, outcome ? task_json(*outcome) : "");
}

}  // namespace

std::vector<Route> task_routes(Services& services) {
  std::vector<Route> routes;
  routes.push_back({.method = Method::kGet,
                    .path = "/tasks",
                    .handle = bind_handler(services, list),
                    .operation = "list_tasks",
                    .tag = "tasks",
                    .summary = "The task ledger, newest first",
                    .parameters = {in_query(kKind), in_query(kState), in_query(kBefore), in_query(kLimit)},
                    .answers = {{.description = "Tasks",
                                 .schema = array_of(kTaskSchema),
                                 .headers = {"Link"},
                                 .links = task_links({"get_task"}, "$response.body#/0/task_id")}}});
  routes.push_back({.method = Method::kGet,
                    .path = "/tasks/{task_id}",
                    .handle = bind_handler(services, get),
                    .operation = "get_task",
                    .tag = "tasks",
                    .summary = "One task with its times and reason",
                    .parameters = {task_parameter()},
                    .answers = {{200, "The task", kTaskSchema}}});
  routes.push_back({.method = Method::kPost,
                    .path = "/tasks/{task_id}/retry",
                    .handle = bind_handler(services, retry),
                    .operation = "retry_task",
                    .tag = "tasks",
                    .summary = "Run a failed or revoked task again",
                    .parameters = {task_parameter()},
                    .answers = {{.description = "The task, ready again",
                                 .schema = kTaskSchema,
                                 .headers = {"Idempotency-Replayed"}},
                                {409, "It has not failed", schema_of("Error")}}});
  return routes;
}

}  // namespace rankloop::http
