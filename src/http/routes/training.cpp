// The handlers of a training and their table.
#include "http/routes/training.h"

#include <chrono>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "app/learn/model_json.h"
#include "http/routes/inputs.h"
#include "http/routes/job_routes.h"
#include "http/routes/schemas.h"
#include "http/routes/task_wait.h"
#include "http/routes/views.h"
#include "ml/hyperparameters.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;
using std::chrono::milliseconds;

constexpr milliseconds kLook{500};  // between two looks at the progress of a training
constexpr int kLooksInSilence = 30;

// Of all families; a training takes those of its own.
BodyMember hyperparameters_in_body(std::string_view name) {
  boost::json::object properties;
  for (const ml::Hyperparameter& each : ml::hyperparameters()) {
    properties[each.name] = {{"type", each.whole ? "integer" : "number"},
                             {"minimum", bound_value(each.minimum)},
                             {"maximum", bound_value(each.maximum)},
                             {"description", each.help}};
  }
  return {name,
          {{"type", "object"},
           {"description", "Of the family, by name"},
           {"properties", std::move(properties)},
           {"additionalProperties", false}}};
}

std::string request_schema(const app::TrainingInputs& inputs) {
  return body_schema(
      {},
      {in_body(inputs.family), in_body(inputs.window), hyperparameters_in_body(inputs.hyperparameters),
       in_body(inputs.promote), in_body(inputs.dry_run)},
      R"({"family":"logistic","promote":"manual"})", OtherMembers::kRefused);
}

const char kStatusSchema[] =
    R"({"type":"object","required":["task_id","status","type","state","attempt","progress","model_id","verdict","gate","error"],)"
    R"("properties":{"task_id":{"type":"string","format":"uuid"},)"
    R"("status":{"type":"string","enum":["PENDING","STARTED","RETRY","SUCCESS","FAILURE","REVOKED"]},)"
    R"("type":{"type":"string","enum":["training"]},"state":{"type":"string"},"attempt":{"type":"integer"},)"
    R"("progress":{"type":"number","minimum":0,"maximum":1},"phase":{"type":"string"},"epoch":{"type":"integer"},)"
    R"("epochs":{"type":"integer"},"loss":{"type":"number"},"validation_loss":{"type":"number"},)"
    R"("curve":{"type":"array","items":{"type":"object","required":["epoch","loss","validation_loss"],"properties":{)"
    R"("epoch":{"type":"integer"},"loss":{"type":"number"},"validation_loss":{"type":"number"}}}},)"
    R"("model_id":{"type":["integer","null"]},)"
    R"("verdict":{"type":["string","null"],"enum":["promote","reject","insufficient_evidence",null]},)"
    R"("gate":{"type":["object","null"],"description":"The evidence of a dry run; a model that was kept has its own"},)"
    R"("error":{"type":["string","null"]}}})";

awaitable<Response> start(Services& services, Request& request) {
  const Result<boost::json::value> body = body_if_given(request);
  if (!body) co_return error_response(body.error());
  const Result<app::TrainingRequest> wanted = services.app.training.check(*body);
  if (!wanted) co_return error_response(wanted.error());
  const Status enough = co_await blocking_result<void>(
      services.reads, [&training = services.app.training] { return training.enough_evidence(); });
  if (!enough) co_return error_response(enough.error());
  co_return co_await started_job(request, [&](auto keep, auto done) {
    services.app.training.start(*wanted, span_of(request), std::move(keep), std::move(done));
  });
}

// The task's words, and how far it is: the last heartbeat's phase, epoch, losses and share of the work.
std::string training_json(const app::TaskRecord& task) {
  boost::json::object more;
  more["state"] = name_of(task.state);
  more["attempt"] = task.attempt;
  more["progress"] = task.state == TaskState::kSucceeded ? 1.0 : 0.0;
  boost::system::error_code fault;
  if (const auto progress = boost::json::parse(task.progress, fault); !fault && progress.is_object()) {
    for (const auto& [name, value] : progress.get_object()) more[name] = value;
  }
  more["model_id"] =
      task.model.value == 0 ? boost::json::value(nullptr) : boost::json::value(task.model.value);
  more["verdict"] = app::verdict_json(task.verdict);
  more["gate"] = nullptr;
  if (auto gate = boost::json::parse(task.detail, fault); !fault) more["gate"] = std::move(gate);
  more["error"] = task.error.empty() ? boost::json::value(nullptr) : boost::json::value(task.error);
  std::string out;
  JsonWriter json{out};
  json.begin_object();
  write_task_status(json, {task.id, task.kind, task.state, task.attempt, {}});
  json.members(boost::json::serialize(more)).end_object();
  return out;
}

awaitable<Response> status(Services& services, Request& request) {
  const auto task = co_await job_in_path(services, request, TaskKind::kTraining);
  co_return task ? json_response(training_json(*task)) : error_response(task.error());
}

// One Server-Sent Event for every state and progress until the last state.
awaitable<Response> events(Services& services, Request& request) {
  const auto first = co_await job_in_path(services, request, TaskKind::kTraining);
  if (!first) co_return error_response(first.error());
  Response response;
  response.content_type = "text/event-stream";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.stream = [&services, id = first->id, last = std::string{},
                     ended = false]() mutable -> awaitable<std::string> {
    if (ended) co_return std::string{};
    for (int look = 0; look < kLooksInSilence; ++look) {
      auto task = co_await blocking_result<app::TaskRecord>(
          services.reads, [&tasks = services.app.tasks, id] { return tasks.get(id); });
      if (!task) co_return std::string{};
      if (std::string now = training_json(*task); now != last) {
        last = std::move(now);
        ended = is_terminal(task->state);
        co_return "event: training\ndata: " + last + "\n\n";
      }
      (void)co_await wait_for_status(services, id, kLook,
                                     [before = task->state](TaskState state) { return state != before; });
    }
    co_return ": nothing new\n\n";
  };
  co_return response;
}

awaitable<Response> cancel(Services& services, Request& request) {
  return cancelled_job(services, request, TaskKind::kTraining);
}

}  // namespace

std::vector<Route> training_routes(Services& services) {
  const std::string status_schema = schema_of("TaskStatus");
  std::vector<Route> routes;
  routes.push_back(
      {.method = Method::kPost,
       .path = "/train/start",
       .handle = bind_handler(services, start),
       .operation = "start_training",
       .tag = "training",
       .summary = "Schedule a training on what was shown and picked",
       .description = "No body is needed. What the gate lets through answers at once, unless `promote` "
                      "is manual.",
       .body_schema = request_schema(app::training_inputs(services.app.training.minimum())),
       .body_required = false,
       .answers = {{.description = "The scheduled training",
                    .schema = status_schema,
                    .headers = {"Idempotency-Replayed"},
                    .links =
                        task_links({"training_status", "training_events", "cancel_training", "get_task"})},
                   {409, "Too little to learn from, or one is waiting or running", schema_of("Error")}},
       .max_body = kSmallBody});
  routes.push_back({.method = Method::kGet,
                    .path = "/train/status/{task_id}",
                    .handle = bind_handler(services, status),
                    .operation = "training_status",
                    .tag = "training",
                    .summary = "State, phase, epoch, losses and share of the work done",
                    .parameters = {task_parameter()},
                    .answers = {{200, "The training", kStatusSchema}}});
  routes.push_back(
      {.method = Method::kGet,
       .path = "/train/events/{task_id}",
       .handle = bind_handler(services, events),
       .operation = "training_events",
       .tag = "training",
       .summary = "The same as Server-Sent Events until the training has ended",
       .parameters = {task_parameter()},
       .answers = {{200, "A stream of events", event_stream("training", "What GET /train/status answers"),
                    "text/event-stream"}},
       .counted_as_waiting = true});
  routes.push_back({.method = Method::kPost,
                    .path = "/train/cancel/{task_id}",
                    .handle = bind_handler(services, cancel),
                    .operation = "cancel_training",
                    .tag = "training",
                    .summary = "Revoke a training that has not ended",
                    .parameters = {task_parameter()},
                    .answers = {{.description = "The revoked training",
                                 .schema = status_schema,
                                 .headers = {"Idempotency-Replayed"},
                                 .links = task_links({"training_status", "retry_task"})},
                                {409, "It has already ended", schema_of("Error")}}});
  return routes;
}

}  // namespace rankloop::http
