#include "http/routes/monitoring.h"

#include "http/routes/inputs.h"
#include "http/routes/schemas.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

const char kDriftSchema[] =
    R"({"type":"object","required":["model_id","requests","rows","features"],"properties":{)"
    R"("model_id":{"type":["integer","null"]},"requests":{"type":"integer"},"rows":{"type":"integer"},)"
    R"("features":{"type":"array","items":{"type":"object",)"
    R"("required":["feature","edges","shares","recent","stability_index"],"properties":{)"
    R"("feature":{"type":"string"},"edges":{"type":"array","items":{"type":"number"}},)"
    R"("shares":{"type":"array","items":{"type":"number"}},"recent":{"type":"array","items":{"type":"number"}},)"
    R"("stability_index":{"type":"number","minimum":0}}}}}})";

const char kExplanationSchema[] =
    R"({"type":"object","required":["task_id","model_id","family","position","score","probability","base",)"
    R"("contributions"],"properties":{"task_id":{"type":"string","format":"uuid"},)"
    R"("model_id":{"type":["integer","null"]},"family":{"type":"string"},"position":{"type":"integer"},)"
    R"("score":{"type":"number"},"probability":{"type":"number"},"base":{"type":"number"},)"
    R"("contributions":{"type":"array","items":{"type":"object",)"
    R"("required":["feature","value","contribution"],"properties":{"feature":{"type":"string"},)"
    R"("value":{"type":["number","null"]},"contribution":{"type":"number"}}}}}})";

awaitable<Response> drift(Services& services, Request&) {
  const auto report = co_await blocking_result<app::DriftReport>(
      services.reads, services.inbox, [&drift = services.drift] { return drift.report(); });
  co_return report ? json_response(app::to_json(*report)) : error_response(report.error());
}

awaitable<Response> explain(Services& services, Request& request) {
  const Result<TaskId> task = task_in_path(request);
  if (!task) co_return error_response(task.error());
  const auto item =
      number_in_path(request, "Result not found: invalid task_id or " + services.domain.item_id_field);
  if (!item) co_return error_response(item.error());
  const auto explanation = co_await blocking_result<app::ResultExplanation>(
      services.reads, services.inbox, [&explanations = services.explanations, task = *task, item = *item] {
        return explanations.explain(task, {item});
      });
  co_return explanation ? json_response(app::to_json(*explanation, services.domain))
                        : error_response(explanation.error());
}

}  // namespace

std::vector<Route> monitoring_routes(Services& services) {
  std::vector<Route> routes;
  routes.push_back({.method = Method::kGet,
                    .path = "/monitoring/drift",
                    .handle = bind_handler(services, drift),
                    .operation = "drift",
                    .tag = "monitoring",
                    .summary = "How far the newest requests lie from what the champion was trained on",
                    .description =
                        "The population stability index of every feature: below 0.1 much the same, above "
                        "0.25 another population. The last share of a feature is that of absent values.",
                    .answers = {{200, "The report; without a champion it has no features", kDriftSchema}}});
  routes.push_back({.method = Method::kGet,
                    .path = "/inference/explain/{task_id}/{item_id}",
                    .handle = bind_handler(services, explain),
                    .operation = "explain_result",
                    .tag = "inference",
                    .summary = "Why an item got its score: what each feature added, in log-odds",
                    .parameters = {task_parameter(),
                                   {"item_id", "path", R"({"type":"integer"})", "The item's number", true}},
                    .answers = {{200, "The explanation", kExplanationSchema},
                                {409, "The task has not succeeded, or its model cannot be loaded any more",
                                 schema_of("Error")}}});
  return routes;
}

}  // namespace rankloop::http
