// The handlers of an inference and of its pick, and their table.
#include "http/routes/inference.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/openapi.h"
#include "http/routes/inputs.h"
#include "http/routes/keep.h"
#include "http/routes/pick_input.h"
#include "http/routes/schemas.h"
#include "http/routes/task_wait.h"
#include "http/routes/views.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;
using std::chrono::milliseconds;

const DurationInput kWait{.name = "wait",
                          .help = "Wait up to this long (30 s at most) for the task to end",
                          .most = milliseconds{30'000}};
constexpr milliseconds kHeartbeat{15'000};
const NumberInput kLimit{
    .name = "limit", .help = "How many of the best results", .maximum = 1'000, .preset = 10};
const FlagInput kPeek{.name = "peek", .help = "Read without marking as shown"};

constexpr auto kIsTerminal = [](TaskState state) { return is_terminal(state); };

// The results; of a task that has not succeeded, why there are none.
awaitable<Result<app::TellableResults>> results_of(Services& services, const TaskId& task, app::Look look) {
  return callback_result<app::TellableResults>([&services, task, look](auto done) {
    services.app.results.read(task, look, services.reads, std::move(done));
  });
}

// The request, with what is stored of the person whom it names. What memory does not know of it is read away
// from this thread, and so is a long body.
awaitable<Result<app::InferenceInput>> checked(Services& services, Request& request) {
  using Reach = app::Persons::Reach;
  using Checked = std::optional<app::InferenceInput>;
  const auto text = std::make_shared<const std::string>(std::move(request.body));
  const auto check = [text, &app = services.app](Reach reach) -> Result<Checked> {
    Result<boost::json::value> body = json_of(*text);
    if (!body) return body.error();
    const Result<bool> complete = app.persons.complete(*body, reach);
    if (!complete) return complete.error();
    if (!*complete) return Checked{};
    auto input = app.inference.check(*body);
    if (!input) return input.error();
    return Checked{*std::move(input)};
  };
  Result<Checked> input = Checked{};
  if (text->size() <= kSmallBody) input = check(Reach::kMemory);
  if (input && !*input)
    input = co_await blocking_result<Checked>(services.reads, [check] { return check(Reach::kStore); });
  if (!input) co_return input.error();
  co_return *std::move(*input);
}

awaitable<Response> start(Services& services, Request& request) {
  QueryReader query{request};
  const auto wait = query.read(kWait);
  const int limit = static_cast<int>(query.read(kLimit));
  if (const Status status = query.status(); !status) co_return error_response(status.error());
  Result<app::InferenceInput> input = co_await checked(services, request);
  if (!input) co_return error_response(input.error());

  const std::vector<std::string> ignored = std::move(input->ignored);
  std::vector<LeftOut> unknown;
  append_unknown(input->unknown_candidates, unknown);
  input->trace = span_of(request);
  const TaskId task = services.app.inference.new_task_id();
  auto keep = keep_for<app::StartedInference>(
      request.idempotency, [task](const app::StartedInference&, app::KeptAnswer& kept) { kept.task = task; });
  services.app.watch.begins(task);  // before anybody can end it
  const auto started = co_await callback_result<app::StartedInference>([&](auto done) {
    services.app.inference.start(task, *std::move(input), std::move(keep), std::move(done));
  });
  if (!started) co_return kept_response(request, started, {});

  std::string out;
  app::TaskStatus status{task, TaskKind::kInference, TaskState::kReady, 0, {}};
  if (wait) {
    if (const auto waited = co_await wait_for_status(services, task, *wait, kIsTerminal)) status = *waited;
  }
  status.left_out = std::move(unknown);
  if (wait && status.state == TaskState::kSucceeded) {
    if (const auto results =
            co_await results_of(services, task, {.limit = limit, .shown = ExposureSource::kStart})) {
      JsonWriter json{out};
      status.left_out = results->left_out;
      json.begin_object();
      write_inference_status(json, services.app.serving.item_names(), status);
      json.key("results").json(results->json).end_object();
    }
  }
  if (out.empty()) out = inference_status_json(services.app.serving.item_names(), status);
  Response response = kept_response(request, started, std::move(out));
  tell_ignored(response, ignored);
  co_return response;
}

Response status_response(Services& services, const Result<app::TaskStatus>& status) {
  if (!status) return error_response(status.error());
  if (status->state == TaskState::kFailed) {
    return error_response(
        {ErrorCode::kInternal, status->error.empty() ? "Task failed" : "Task failed: " + status->error});
  }
  return json_response(inference_status_json(services.app.serving.item_names(), *status));
}

awaitable<Response> status(Services& services, Request& request) {
  QueryReader query{request};
  const milliseconds wait = query.read(kWait).value_or(milliseconds{0});
  if (const Status fault = query.status(); !fault) co_return error_response(fault.error());
  const Result<TaskId> task = task_in_path(request);
  if (!task) co_return error_response(task.error());
  services.app.events.status();
  auto status = co_await wait_for_status(services, *task, wait, kIsTerminal);
  // Who waited for a success was told no more than that.
  if (status && wait.count() > 0 && status->state == TaskState::kSucceeded)
    status = co_await read_status(services, *task);
  co_return status_response(services, status);
}

awaitable<Response> results(Services& services, Request& request) {
  QueryReader query{request};
  const int limit = static_cast<int>(query.read(kLimit));
  const bool peek = query.read(kPeek) || request.head_only;
  if (const Status fault = query.status(); !fault) co_return error_response(fault.error());
  const Result<TaskId> task = task_in_path(request);
  if (!task) co_return error_response(task.error());
  services.app.events.results();
  app::Look look{.limit = limit};
  if (!peek) look.shown = ExposureSource::kResults;
  auto results = co_await results_of(services, *task, look);
  if (!results) co_return error_response(results.error());
  Response response = json_response(std::move(results->json));
  tell_left_out(response, services.app.serving.item_names(), results->left_out);
  co_return response;
}

// One Server-Sent Event for every state until the last; a comment when nothing happens for a while.
awaitable<Response> events(Services& services, Request& request) {
  const Result<TaskId> task = task_in_path(request);
  if (!task) co_return error_response(task.error());
  const Result<app::TaskStatus> first = co_await read_status(services, *task);
  if (!first) co_return error_response(first.error());
  Response response;
  response.content_type = "text/event-stream";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.stream = [&services, id = *task,
                     sent = std::optional<TaskState>{}]() mutable -> awaitable<std::string> {
    if (sent && is_terminal(*sent)) co_return std::string{};
    const auto changed = [before = sent](TaskState state) { return !before || *before != state; };
    const auto status = co_await wait_for_status(services, id, kHeartbeat, changed);
    if (!status) co_return std::string{};
    if (!changed(status->state)) co_return ": nothing new\n\n";
    sent = status->state;
    co_return "event: status\ndata: " + task_status_json(*status) + "\n\n";
  };
  co_return response;
}

std::string chosen_json(app::ItemNames& names, const app::Chosen& chosen) {
  return chosen.result ? result_json(names, *chosen.result) : "null";
}

awaitable<Response> select(Services& services, Request& request) {
  const Result<boost::json::value> body = json_body(request);
  if (!body) co_return error_response(body.error());
  const Result<PickInput> pick = read_pick(services.domain, *body);
  if (!pick) co_return error_response(pick.error());
  if (!pick->ignored.empty())
    services.system.metrics.http.unknown_fields->Increment(static_cast<double>(pick->ignored.size()));
  app::ItemNames& names = services.app.serving.item_names();
  auto keep =
      keep_for<app::Chosen>(request.idempotency, [&names](const app::Chosen& chosen, app::KeptAnswer& kept) {
        kept.status = 200;
        kept.body = chosen_json(names, chosen);
      });
  const auto chosen = co_await callback_result<app::Chosen>([&](auto done) {
    services.app.results.choose(pick->task, pick->choice, std::move(keep), services.reads, std::move(done));
  });
  Response response = kept_response(request, chosen, chosen ? chosen_json(names, *chosen) : "");
  tell_ignored(response, pick->ignored);
  co_return response;
}

awaitable<Response> cancel(Services& services, Request& request) {
  const Result<TaskId> task = task_in_path(request);
  if (!task) co_return error_response(task.error());
  const auto view = [](const app::TaskRecord& record) {
    return task_status_json({record.id, record.kind, record.state, record.attempt, {}});
  };
  auto keep = keep_for<app::TaskRecord>(
      request.idempotency, [id = *task](const app::TaskRecord&, app::KeptAnswer& kept) { kept.task = id; });
  const auto outcome = co_await callback_result<app::TaskRecord>(
      [&](auto done) { services.app.tasks.cancel(*task, std::move(keep), std::move(done)); });
  co_return kept_response(request, outcome, outcome ? view(*outcome) : "");
}

// What PUT /inference/select takes; the task and the item may be expressions of a link.
std::string label(const std::string& task, const std::string& item_field, const std::string& item) {
  return R"({"task_id":")" + task + R"(",")" + item_field + "\":" + item + "}";
}

const char kTaskStatusSchema[] = R"({"$ref":"#/components/schemas/TaskStatus"})";

}  // namespace

awaitable<Response> answer_task_status(Services& services, TaskId task) {
  co_return status_response(services, co_await read_status(services, task));
}

std::vector<Route> inference_routes(Services& services) {
  const std::string item = component_name(services.domain.item.one);
  const std::string result_schema = array_of(schema_of(item + "Result"));
  const std::string& id = services.domain.item_id_field;
  std::vector<Link> after_start = task_links({"inference_status", "inference_results", "inference_events",
                                              "cancel_inference", "get_task", "list_results"});
  after_start.push_back({"select_result", "select_result", {}, label("$response.body#/task_id", id, "-1")});
  const std::string task = "$request.path.task_id";
  const std::string best = "\"$response.body#/0/" + id + "\"";
  std::vector<Route> routes;
  routes.push_back(
      {.method = Method::kPost,
       .path = "/inference/start",
       .handle = bind_handler(services, start),
       .operation = "start_inference",
       .tag = "inference",
       .summary = "Rank the catalog for a request",
       .description = "Durable before the answer. With `wait` the answer may carry the results at once.",
       .parameters = {in_query(kWait), in_query(kLimit)},
       .body_schema = schema_of(component_name(services.domain.request.one) + "Data"),
       .answers = {{.description = "The accepted task",
                    .schema = kTaskStatusSchema,
                    .headers = {"X-Ignored-Fields", "Idempotency-Replayed"},
                    .links = std::move(after_start)}},
       .role = Role::kGuest,
       .waiting_parameter = std::string{kWait.name}});
  routes.push_back(
      {.method = Method::kGet,
       .path = "/inference/status/{task_id}",
       .handle = bind_handler(services, status),
       .operation = "inference_status",
       .tag = "inference",
       .summary = "The state of a task; with `wait` a long poll until it has ended",
       .parameters = {task_parameter(), in_query(kWait)},
       .answers = {{200, "The task's state", kTaskStatusSchema}, {500, "Task failed", schema_of("Error")}},
       .role = Role::kGuest,
       .waiting_parameter = std::string{kWait.name}});
  routes.push_back({.method = Method::kGet,
                    .path = "/inference/results/{task_id}",
                    .handle = bind_handler(services, results),
                    .operation = "inference_results",
                    .tag = "inference",
                    .summary = "The best results, best first; marks them as shown",
                    .parameters = {task_parameter(), in_query(kLimit), in_query(kPeek)},
                    .answers = {{.description = "Results",
                                 .schema = result_schema,
                                 .headers = {"X-Left-Out"},
                                 .links = {{"select_result", "select_result", {}, label(task, id, best)},
                                           {"explain_result",
                                            "explain_result",
                                            {{"task_id", task}, {"item_id", "$response.body#/0/" + id}}}}},
                                {409, "Not ready yet, failed or revoked", schema_of("Error")}},
                    .role = Role::kGuest});
  routes.push_back(
      {.method = Method::kGet,
       .path = "/inference/events/{task_id}",
       .handle = bind_handler(services, events),
       .operation = "inference_events",
       .tag = "inference",
       .summary = "Every state change until the task has ended, as Server-Sent Events",
       .parameters = {task_parameter()},
       .answers = {{200, "A stream of events", event_stream("status", "A TaskStatus"), "text/event-stream"}},
       .role = Role::kGuest,
       .counted_as_waiting = true});
  routes.push_back(
      {.method = Method::kPut,
       .path = "/inference/select",
       .handle = bind_handler(services, select),
       .operation = "select_result",
       .tag = "inference",
       .summary = "Record the pick among what was shown; -1 for none chosen",
       .body_schema = schema_of("LabelData"),
       .answers = {{.description = "The picked result; null for none chosen",
                    .schema = R"({"anyOf":[)" + schema_of("Result") + R"(,{"type":"null"}]})",
                    .headers = {"X-Ignored-Fields", "Idempotency-Replayed"}},
                   {404, "No such task, or it did not rank that item", schema_of("Error")},
                   {409, "That item was never shown, or there are no results", schema_of("Error")}},
       .max_body = kSmallBody,
       .role = Role::kGuest});
  routes.push_back({.method = Method::kPost,
                    .path = "/inference/cancel/{task_id}",
                    .handle = bind_handler(services, cancel),
                    .operation = "cancel_inference",
                    .tag = "inference",
                    .summary = "Revoke a task that has not ended",
                    .parameters = {task_parameter()},
                    .answers = {{.description = "The revoked task",
                                 .schema = kTaskStatusSchema,
                                 .headers = {"Idempotency-Replayed"},
                                 .links = task_links({"retry_task"})},
                                {409, "It has already ended", schema_of("Error")}},
                    .role = Role::kGuest});
  return routes;
}

}  // namespace rankloop::http
