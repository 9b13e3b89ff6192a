// The handlers of evaluations and their table.
#include "http/routes/evaluations.h"

#include <string>

#include "http/routes/inputs.h"
#include "http/routes/job_routes.h"
#include "http/routes/schemas.h"
#include "http/routes/views.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

const NumberInput kLimit{.name = "limit", .help = "How many", .maximum = 100, .preset = 20};

std::string request_schema(const app::EvaluationInputs& inputs) {
  return body_schema(
      {},
      {in_body(inputs.model), in_body(inputs.policy), in_body(inputs.explore), in_body(inputs.explore_by),
       in_body(inputs.temperature), in_body(inputs.gamma), in_body(inputs.window), in_body(inputs.since),
       in_body(inputs.until), in_body(inputs.positions), in_body(inputs.include_trained),
       in_body(inputs.family), in_body(inputs.folds), in_body(inputs.clip)},
      R"({"policy":"champion","explore":0.05})", OtherMembers::kRefused);
}

const char kIntervalSchema[] = R"({"type":"array","items":{"type":"number"},"minItems":2,"maxItems":2})";

std::string report_schema() {
  const std::string interval = kIntervalSchema;
  const std::string weights =
      R"("effective":{"type":"number"},"largest":{"type":"number"},"mean":{"type":"number"},)"
      R"("mean_error":{"type":"number"})";
  return R"({"type":"object","required":["lists","items","people","logged","estimates","refusals","warnings"],)"
         R"("properties":{"lists":{"type":"integer"},"items":{"type":"integer"},"people":{"type":"integer"},)"
         R"("logged":{"type":"object","properties":{"value":{"type":"number"},"interval":)" +
         interval +
         R"(}},"estimates":{"type":"array","items":{"type":"object","required":["estimator","value","interval"],)"
         R"("properties":{"estimator":{"type":"string"},"value":{"type":"number"},"interval":)" +
         interval + R"(}}},"bernstein":)" + interval + R"(,"weights":{"type":"object","properties":{)" +
         weights +
         R"(,"clipped_share":{"type":"number"},"clip_bias":{"type":"number"}}},)"
         R"("joint_weights":{"type":"object","properties":{)" +
         weights + R"(}},"examined_weights":{"type":"object","properties":{)" + weights +
         R"(}},"refusals":{"type":"array","items":{"type":"string"}},)"
         R"("warnings":{"type":"array","items":{"type":"string"}}}})";
}

// The members that say how a task stands.
const char kStatusMembers[] =
    R"("task_id":{"type":"string","format":"uuid"},)"
    R"("status":{"type":"string","enum":["PENDING","STARTED","RETRY","SUCCESS","FAILURE","REVOKED"]},)"
    R"("type":{"type":"string","enum":["evaluation"]},"state":{"type":"string"},"attempt":{"type":"integer"},)"
    R"("created":{"type":"string","format":"date-time"},)"
    R"("finished":{"type":["string","null"],"format":"date-time"},)"
    R"("progress":{"type":"number","minimum":0,"maximum":1},"phase":{"type":"string"},)"
    R"("request":{"type":"object","description":"What was asked for"},"error":{"type":["string","null"]})";

std::string brief_schema() {
  return R"({"type":"object","required":["task_id","status","type","state","attempt","created","finished",)"
         R"("progress","request","error"],"properties":{)" +
         std::string{kStatusMembers} + "}}";
}

std::string full_schema() {
  return R"({"type":"object","required":["task_id","status","type","state","attempt","created","finished",)"
         R"("progress","request","error","evaluation"],"properties":{)" +
         std::string{kStatusMembers} +
         R"(,"evaluation":{"type":["object","null"],"required":["target","requests","logs","rewards","report",)"
         R"("next_steps"],"properties":{"target":{"type":"object","properties":{"model_id":{"type":["integer",)"
         R"("null"]},"family":{"type":"string"},"explore":{"type":"number"},"explore_by":{"type":"string"},"temperature":{"type":"number"},)"
         R"("gamma":{"type":"number"}}},"requests":{"type":"object"},)"
         R"("logs":{"type":"object"},"rewards":{"type":"object"},"clip":{"type":"number"},)"
         R"("confidence":{"type":"number"},"report":)" +
         report_schema() + R"(,"next_steps":{"type":"array","items":{"type":"string"}}}}}})";
}

enum class Detail { kBrief, kFull };

std::string evaluation_json(const app::TaskRecord& task, Detail detail) {
  std::string out;
  JsonWriter json{out};
  json.begin_object();
  write_task_status(json, {task.id, task.kind, task.state, task.attempt, {}});
  json.key("state").word(name_of(task.state)).key("attempt").integer(task.attempt);
  json.key("created").word(to_iso8601(task.created)).key("finished");
  task.finished ? json.word(to_iso8601(*task.finished)) : json.null();
  if (task.state == TaskState::kSucceeded || task.progress.empty()) {
    json.key("progress").number(task.state == TaskState::kSucceeded ? 1.0 : 0.0);
  } else {
    json.members(task.progress);
  }
  json.key("request").json(task.arguments).key("error");
  task.error.empty() ? json.null() : json.text(task.error);
  if (detail == Detail::kFull) {
    json.key("evaluation");
    task.result.empty() ? json.null() : json.json(task.result);
  }
  json.end_object();
  return out;
}

awaitable<Response> start(Services& services, Request& request) {
  Result<boost::json::value> body = body_if_given(request);
  if (!body) co_return error_response(body.error());
  const auto wanted = co_await blocking_result<app::EvaluationRequest>(
      services.reads,
      [&evaluation = services.app.evaluation, body = *std::move(body)] { return evaluation.check(body); });
  if (!wanted) co_return error_response(wanted.error());
  co_return co_await started_job(request, [&](auto keep, auto done) {
    services.app.evaluation.start(*wanted, span_of(request), std::move(keep), std::move(done));
  });
}

awaitable<Response> list(Services& services, Request& request) {
  QueryReader query{request};
  const int limit = static_cast<int>(query.read(kLimit));
  if (const Status fault = query.status(); !fault) co_return error_response(fault.error());
  const auto tasks = co_await blocking_result<std::vector<app::TaskRecord>>(
      services.reads, [&evaluation = services.app.evaluation, limit] { return evaluation.list(limit); });
  if (!tasks) co_return error_response(tasks.error());
  co_return json_response(
      array_json(*tasks, [](const app::TaskRecord& task) { return evaluation_json(task, Detail::kBrief); }));
}

awaitable<Response> get(Services& services, Request& request) {
  const auto task = co_await job_in_path(services, request, TaskKind::kEvaluation);
  co_return task ? json_response(evaluation_json(*task, Detail::kFull)) : error_response(task.error());
}

awaitable<Response> cancel(Services& services, Request& request) {
  return cancelled_job(services, request, TaskKind::kEvaluation);
}

}  // namespace

std::vector<Route> evaluation_routes(Services& services) {
  std::vector<Route> routes;
  routes.push_back(
      {.method = Method::kPost,
       .path = "/evaluations",
       .handle = bind_handler(services, start),
       .operation = "start_evaluation",
       .tag = "evaluations",
       .summary = "Ask the ledger what another way of ranking would have earned",
       .description = "Off-policy evaluation of a model, or of a mixture of its order and a uniform one, by "
                      "the lists that were drawn with known probabilities (exploration). No body is needed: "
                      "the champion is asked about then. One runs at a time.",
       .body_schema = request_schema(app::evaluation_inputs()),
       .body_required = false,
       .answers = {{.description = "The scheduled evaluation",
                    .schema = schema_of("TaskStatus"),
                    .headers = {"Idempotency-Replayed"},
                    .links = task_links({"get_evaluation", "cancel_evaluation", "get_task"})},
                   {404, "No such model, or no champion yet", schema_of("Error")},
                   {409, "One is waiting or running", schema_of("Error")}},
       .max_body = kSmallBody});
  routes.push_back({.method = Method::kGet,
                    .path = "/evaluations",
                    .handle = bind_handler(services, list),
                    .operation = "list_evaluations",
                    .tag = "evaluations",
                    .summary = "The newest evaluations, without what they came to",
                    .parameters = {in_query(kLimit)},
                    .answers = {{.description = "Evaluations, the newest first",
                                 .schema = array_of(brief_schema()),
                                 .links = task_links({"get_evaluation"}, "$response.body#/0/task_id")}}});
  routes.push_back({.method = Method::kGet,
                    .path = "/evaluations/{task_id}",
                    .handle = bind_handler(services, get),
                    .operation = "get_evaluation",
                    .tag = "evaluations",
                    .summary = "How far an evaluation is, and what it came to",
                    .parameters = {task_parameter()},
                    .answers = {{200, "The evaluation", full_schema()}}});
  routes.push_back({.method = Method::kPost,
                    .path = "/evaluations/{task_id}/cancel",
                    .handle = bind_handler(services, cancel),
                    .operation = "cancel_evaluation",
                    .tag = "evaluations",
                    .summary = "Revoke an evaluation that has not ended",
                    .parameters = {task_parameter()},
                    .answers = {{.description = "The revoked evaluation",
                                 .schema = schema_of("TaskStatus"),
                                 .headers = {"Idempotency-Replayed"},
                                 .links = task_links({"get_evaluation", "retry_task"})},
                                {409, "It has already ended", schema_of("Error")}}});
  return routes;
}

}  // namespace rankloop::http
