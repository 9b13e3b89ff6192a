// The handlers of replays and their table.
#include "http/routes/replay.h"

#include <cstdint>
#include <string>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "app/serve/replay.h"
#include "domain/body_reader.h"
#include "http/await.h"
#include "http/routes/blocking_text.h"
#include "http/routes/inputs.h"
#include "http/routes/job_routes.h"
#include "http/routes/schemas.h"
#include "http/routes/views.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

const NumberInput kLimit{
    .name = "limit", .help = "How many items are told", .maximum = kMaxRank, .preset = 10, .unit = "items"};

constexpr std::int64_t kNow = INT64_MAX;  // of catalog versions: the one that serves

const char kReplaySchema[] =
    R"({"type":"object","required":["task_id","model_id","second_model_id","family","catalog_version","as_it_was","same",)"
    R"("first_difference","items","remarks"],"properties":{)"
    R"("task_id":{"type":"string","format":"uuid"},"model_id":{"type":["integer","null"]},)"
    R"("second_model_id":{"type":["integer","null"],"description":"That made the list together with the other"},)"
    R"("family":{"type":"string"},"catalog_version":{"type":"integer"},)"
    R"("as_it_was":{"type":"boolean","description":"Nothing was changed, by the body or since"},)"
    R"("same":{"type":"boolean","description":"The stored items, scores and propensities, bit by bit"},)"
    R"("first_difference":{"type":["integer","null"]},)"
    R"("items":{"type":"array","items":{"type":"object","required":["score","propensity","before"],"properties":{)"
    R"("score":{"type":"number"},"propensity":{"type":"number"},"before":{"type":["integer","null"]}}}},)"
    R"("remarks":{"type":"array","items":{"type":"string"}}}})";

awaitable<Response> replay(Services& services, Request& request) {
  const Result<TaskId> task = task_in_path(request);
  if (!task) co_return error_response(task.error());
  app::ReplayWish wish;
  std::int64_t limit = *kLimit.preset;
  if (!request.body.empty()) {
    const Result<boost::json::value> body = json_body(request);
    if (!body) co_return error_response(body.error());
    BodyReader reader{*body};
    wish = app::read_replay_wish(reader);
    limit = reader.read_if_given(kLimit).value_or(limit);
    if (const Status sound = reader.status(); !sound) co_return error_response(sound.error());
  }
  co_return text_response(co_await blocking_text(
      services, [&replays = services.app.replays, task = *task, wish] { return replays.replay(task, wish); },
      [&names = services.app.serving.item_names(), limit](const app::Replay& found) {
        return app::to_json(found, names, static_cast<std::size_t>(limit));
      }));
}

const char kWindowSchema[] =
    R"({"type":"object","required":["task_id","status","type","state","progress","error","result"],"properties":{)"
    R"("task_id":{"type":"string","format":"uuid"},)"
    R"("status":{"type":"string","enum":["PENDING","STARTED","RETRY","SUCCESS","FAILURE","REVOKED"]},)"
    R"("type":{"type":"string","enum":["replay"]},"state":{"type":"string"},)"
    R"("progress":{"type":"number","minimum":0,"maximum":1},"error":{"type":["string","null"]},)"
    R"("result":{"type":["object","null"],"required":["requests","same","first_changed","overlap","left_out",)"
    R"("winners","losers","most_changed"],"properties":{"requests":{"type":"integer"},"same":{"type":"integer"},)"
    R"("first_changed":{"type":"integer"},"overlap":{"type":["number","null"]},)"
    R"("left_out":{"type":"array","items":{"type":"object","required":["reason","requests"],"properties":{)"
    R"("reason":{"type":"string"},"requests":{"type":"integer"}}}},)"
    R"("winners":{"type":"array","items":{"type":"object"}},"losers":{"type":"array","items":{"type":"object"}},)"
    R"("most_changed":{"type":"array","items":{"type":"object","required":["task_id","overlap"],"properties":{)"
    R"("task_id":{"type":"string","format":"uuid"},"overlap":{"type":"number"}}}}}}}})";

// A window of a catalog that there is not yet would only fail later.
Status catalog_is_there(Services& services, const app::ReplayWish& wish) {
  const std::int64_t newest = services.app.serving.current()->catalog->version();
  const std::int64_t wanted = wish.catalog_version.value_or(0);
  if (wanted <= newest || wanted == kNow) return {};
  return invalid_fields(
      {{{"body", "catalog_version"},
        "catalog_version is " + std::to_string(wanted) + "; allowed is 0 to " + std::to_string(newest),
        "value_error"}});
}

awaitable<Response> start_window(Services& services, Request& request) {
  const Result<boost::json::value> body = body_if_given(request);
  if (!body) co_return error_response(body.error());
  const auto asked = app::read_window_replay(*body);
  if (!asked) co_return error_response(asked.error());
  if (const Status there = catalog_is_there(services, asked->wish); !there)
    co_return error_response(there.error());
  co_return co_await started_job(request, [&](auto keep, auto done) {
    services.app.window_replays.start(*asked, span_of(request), std::move(keep), std::move(done));
  });
}

std::string window_json(const app::TaskRecord& task) {
  boost::json::object more;
  more["state"] = name_of(task.state);
  more["progress"] = task.state == TaskState::kSucceeded ? 1.0 : 0.0;
  boost::system::error_code fault;
  if (const auto progress = boost::json::parse(task.progress, fault); !fault && progress.is_object()) {
    for (const auto& [name, value] : progress.get_object()) more[name] = value;
  }
  more["error"] = task.error.empty() ? boost::json::value(nullptr) : boost::json::value(task.error);
  more["result"] = nullptr;
  if (auto result = boost::json::parse(task.result, fault); !fault) more["result"] = std::move(result);
  std::string out;
  JsonWriter json{out};
  json.begin_object();
  write_task_status(json, {task.id, task.kind, task.state, task.attempt, {}});
  json.members(boost::json::serialize(more)).end_object();
  return out;
}

awaitable<Response> window_status(Services& services, Request& request) {
  const auto task = co_await job_in_path(services, request, TaskKind::kReplay);
  co_return task ? json_response(window_json(*task)) : error_response(task.error());
}

awaitable<Response> cancel_window(Services& services, Request& request) {
  return cancelled_job(services, request, TaskKind::kReplay);
}

void add_windows(std::vector<Route>& routes, Services& services) {
  const app::ReplayInputs& inputs = app::replay_inputs();
  const std::string status_schema = schema_of("TaskStatus");
  routes.push_back({.method = Method::kPost,
                    .path = "/replays",
                    .handle = bind_handler(services, start_window),
                    .operation = "start_replay",
                    .tag = "inference",
                    .summary = "Rank the newest requests again, and tell who gets another list",
                    .description = "Without a body: the newest 1,000 as they were.",
                    .body_schema = body_schema(
                        {},
                        {in_body(app::newest_input()), in_body(inputs.model_id), in_body(inputs.explore),
                         in_body(inputs.catalog), in_body(inputs.catalog_version)},
                        R"({"newest":1000,"catalog":"now"})"),
                    .body_required = false,
                    .answers = {{.description = "The scheduled replay",
                                 .schema = status_schema,
                                 .headers = {"Idempotency-Replayed"},
                                 .links = task_links({"replay_status", "cancel_replay", "get_task"})},
                                {409, "One is waiting or running", schema_of("Error")}},
                    .max_body = kSmallBody});
  routes.push_back(
      {.method = Method::kGet,
       .path = "/replays/{task_id}",
       .handle = bind_handler(services, window_status),
       .operation = "replay_status",
       .tag = "inference",
       .summary = "How far a replay is, and what it came to: items that win and lose, lists that change",
       .parameters = {task_parameter()},
       .answers = {{200, "The replay", kWindowSchema}}});
  routes.push_back({.method = Method::kPost,
                    .path = "/replays/{task_id}/cancel",
                    .handle = bind_handler(services, cancel_window),
                    .operation = "cancel_replay",
                    .tag = "inference",
                    .summary = "Revoke a replay that has not ended",
                    .parameters = {task_parameter()},
                    .answers = {{.description = "The revoked replay",
                                 .schema = status_schema,
                                 .headers = {"Idempotency-Replayed"},
                                 .links = task_links({"replay_status", "retry_task"})},
                                {409, "It has already ended", schema_of("Error")}}});
}

}  // namespace

std::vector<Route> replay_routes(Services& services) {
  const app::ReplayInputs& inputs = app::replay_inputs();
  std::vector<Route> routes;
  routes.push_back(
      {.method = Method::kPost,
       .path = "/inference/replay/{task_id}",
       .handle = bind_handler(services, replay),
       .operation = "replay_inference",
       .tag = "inference",
       .summary = "Rank a past request again, as it was or with something changed",
       .description = "Without a body: with the catalog, the model, the policy and the seed of then, which "
                      "gives the same "
                      "list bit by bit. Nothing is recorded.",
       .parameters = {task_parameter()},
       .body_schema = body_schema({},
                                  {in_body(inputs.model_id), in_body(inputs.explore), in_body(inputs.catalog),
                                   in_body(inputs.catalog_version), in_body(kLimit)},
                                  R"({"catalog":"now","limit":10})"),
       .body_required = false,
       .answers = {{200, "The list as it comes out now, beside where its items stood", kReplaySchema},
                   {409, "It has not succeeded, or cannot be ranked again", schema_of("Error")}},
       .max_body = kSmallBody});
  add_windows(routes, services);
  return routes;
}

}  // namespace rankloop::http
