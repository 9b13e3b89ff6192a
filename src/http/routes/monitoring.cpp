// The handlers of drift and performance, and their table.
#include "http/routes/monitoring.h"

#include "http/routes/blocking_text.h"
#include "http/routes/examples.h"
#include "http/routes/histories.h"
#include "http/routes/inputs.h"
#include "http/routes/schemas.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

const NumberInput kLimit{.name = "limit", .help = "How many", .maximum = 10'000, .preset = 1'000};

const char kDriftSchema[] =
    R"({"type":"object","required":["model_id","requests","rows","telling_requests","features"],"properties":{)"
    R"("model_id":{"type":["integer","null"]},"requests":{"type":"integer"},"rows":{"type":"integer"},)"
    R"("telling_requests":{"type":"integer"},)"
    R"("features":{"type":"array","items":{"type":"object",)"
    R"("required":["feature","side","edges","shares","recent","stability_index"],"properties":{)"
    R"("feature":{"type":"string"},"side":{"type":"string","enum":["request","item"]},"edges":{"type":"array","items":{"type":"number"}},)"
    R"("words":{"type":"array","items":{"type":"string"}},)"
    R"("shares":{"type":"array","items":{"type":"number"}},"recent":{"type":"array","items":{"type":"number"}},)"
    R"("stability_index":{"type":"number","minimum":0}}}}}})";

const char kDriftHistorySchema[] =
    R"({"type":"object","required":["model_id","windows","features"],"properties":{)"
    R"("model_id":{"type":["integer","null"]},"windows":{"type":"array","items":{"type":"object",)"
    R"("required":["from","until","requests"],"properties":{"from":{"type":"string","format":"date-time"},)"
    R"("until":{"type":"string","format":"date-time"},"requests":{"type":"integer"}}}},)"
    R"("features":{"type":"array","items":{"type":"object",)"
    R"("required":["feature","side","edges","shares","stability_indexes","window_shares"],"properties":{)"
    R"("feature":{"type":"string"},"side":{"type":"string","enum":["request","item"]},"edges":{"type":"array","items":{"type":"number"}},)"
    R"("words":{"type":"array","items":{"type":"string"}},)"
    R"("shares":{"type":"array","items":{"type":"number"}},)"
    R"("stability_indexes":{"type":"array","items":{"type":"number"}},)"
    R"("window_shares":{"type":"array","items":{"type":"array","items":{"type":"number"}}}}}}}})";

const char kExplanationSchema[] =
    R"({"type":"object","required":["task_id","model_id","family","policy","placed_by","position","propensity","score",)"
    R"("probability","base",)"
    R"("contributions","histories"],"properties":{"task_id":{"type":"string","format":"uuid"},)"
    R"("model_id":{"type":["integer","null"]},"family":{"type":"string"},)"
    R"("placed_by":{"type":["string","null"],"enum":["first","second",null],"description":"Of an interleaved list, which of the policy's two models; null: below what was merged"},)"
    R"("position":{"type":"integer"},)"
    R"("policy":{"type":"object","required":["name","parameters"],"properties":{"name":{"type":"string"},)"
    R"("parameters":{"type":"object","additionalProperties":{"type":["number","string","array"],"items":{"type":["integer","object"]}}}}},"propensity":{"type":"number"},)"
    R"("score":{"type":"number"},"probability":{"type":"number"},"base":{"type":"number"},)"
    R"("contributions":{"type":"array","items":{"type":"object",)"
    R"("required":["feature","value","contribution"],"properties":{"feature":{"type":"string"},)"
    R"("value":{"type":["number","string","array","null"],"items":{"type":["number","string","null"]}},)"
    R"("contribution":{"type":"number"}}}},"histories":)";

const char kPerformanceSchema[] =
    R"({"type":"object","required":["requests","from","until","period_seconds","models","periods","positions",)"
    R"("feedback","targets","chosen_by","outcomes","examination","position_model"],)"
    R"("properties":{"requests":{"type":"integer"},"from":{"type":["string","null"],"format":"date-time"},)"
    R"("until":{"type":["string","null"],"format":"date-time"},"period_seconds":{"type":"number"},)"
    R"("models":{"type":"array","items":{"type":"object"}},"periods":{"type":"array","items":{"type":"object",)"
    R"("required":["from","models"],"properties":{"from":{"type":"string","format":"date-time"},)"
    R"("models":{"type":"array","items":{"type":"object"}}}}},"positions":{"type":"array",)"
    R"("items":{"type":"object","required":["position","shown","picked","pick_rate","pick_rate_ci"],"properties":{)"
    R"("position":{"type":"integer"},"shown":{"type":"integer"},"picked":{"type":"integer"},)"
    R"("pick_rate":{"type":["number","null"]},"pick_rate_ci":{"type":["array","null"],"items":{"type":"number"}}}}},)"
    R"("feedback":{"type":"array","items":{"type":"object","required":["kind","model_id","requests","items","value",)"
    R"("positions"],"properties":{"kind":{"type":"string"},"model_id":{"type":["integer","null"]},)"
    R"("requests":{"type":"integer"},"items":{"type":"integer"},"value":{"type":"number"},)"
    R"("positions":{"type":"array","items":{"type":"integer"}}}}},)"
    R"("targets":{"type":"array","items":{"type":"string"},"description":"What may be asked for as kind"},)"
    R"("chosen_by":{"type":"string","description":"What outcomes, examination and position_model go by"},)"
    R"("outcomes":)";

const char kPerformanceSchemaEnd[] =
    R"(,)"
    R"("examination":{"type":["object","null"],"required":["kind","evidence","requests","picks","positions"],)"
    R"("properties":{"kind":{"type":"string"},"evidence":{"type":"string",)"
    R"("enum":["random_orders","swaps"]},"requests":{"type":"integer"},"picks":{"type":"integer"},"positions":{"type":"array",)"
    R"("items":{"type":"object","required":["position","examination","ci"],"properties":{)"
    R"("position":{"type":"integer"},"examination":{"type":["number","null"]},)"
    R"("ci":{"type":["array","null"],"items":{"type":"number"}}}}}}},)"
    R"("position_model":{"type":["object","null"],"required":["picks","last_positions","score_bins",)"
    R"("chi_squared","degrees","p_value","worst_on_top","worst_on_top_expected"],"properties":{)"
    R"("picks":{"type":"integer"},"last_positions":{"type":"array","items":{"type":"integer"}},)"
    R"("score_bins":{"type":"integer"},"chi_squared":{"type":"number"},"degrees":{"type":"integer"},)"
    R"("p_value":{"type":"number"},"worst_on_top":{"type":"number"},)"
    R"("worst_on_top_expected":{"type":"number"}}}}})";

// Of shown lists or positions.
std::string counts_schema(const std::string& whose, const std::string& type) {
  return R"({"type":"object","required":[")" + whose +
         R"(","shown","told","items","worth","share","share_ci","mean","mean_ci"],"properties":{")" + whose +
         R"(":)" + type +
         R"(,"shown":{"type":"integer"},"told":{"type":"integer"},)"
         R"("items":{"type":"integer"},"worth":{"type":"number"},"share":{"type":["number","null"]},)"
         R"("share_ci":{"type":["array","null"],"items":{"type":"number"}},"mean":{"type":["number","null"]},)"
         R"("mean_ci":{"type":["array","null"],"items":{"type":"number"}}}})";
}

std::string outcomes_schema() {
  const std::string models = array_of(counts_schema("model_id", R"({"type":["integer","null"]})"));
  return R"({"type":"object","required":["kind","valued","models","periods","positions"],"properties":{)"
         R"("kind":{"type":"string"},)"
         R"("valued":{"type":"boolean","description":"worth sums up rewards or values, else it counts items"},)"
         R"("models":)" +
         models +
         R"(,"periods":{"type":"array","items":{"type":"object","required":["from","models"],"properties":{)"
         R"("from":{"type":"string","format":"date-time"},"models":)" +
         models + R"(}}},"positions":)" + array_of(counts_schema("position", R"({"type":"integer"})")) + "}}";
}

std::string performance_schema() {
  return std::string(kPerformanceSchema) + outcomes_schema() + kPerformanceSchemaEnd;
}

const char kItemsSchema[] =
    R"({"type":"object","required":["requests","shown_items","items"],"properties":{)"
    R"("requests":{"type":"integer"},"shown_items":{"type":"integer"},"items":{"type":"array",)"
    R"("items":{"type":"object","required":["shown","picked"],"properties":{"shown":{"type":"integer"},)"
    R"("picked":{"type":"integer"}}}}}})";

const char kReorderingSchema[] =
    R"({"type":"object","required":["task_id","model_id","family","items"],"properties":{)"
    R"("task_id":{"type":"string","format":"uuid"},"model_id":{"type":"integer"},"family":{"type":"string"},)"
    R"("items":{"type":"array","items":{"type":"object","required":["score","before","propensity"],"properties":{)"
    R"("score":{"type":"number"},"before":{"type":"integer"},"propensity":{"type":"number"}}}}}})";

const char kImportanceSchema[] =
    R"({"type":"object","required":["model_id","rows","features"],"properties":{)"
    R"("model_id":{"type":"integer"},"rows":{"type":"integer"},"features":{"type":"array",)"
    R"("items":{"type":"object","required":["feature","importance"],"properties":{)"
    R"("feature":{"type":"string"},"importance":{"type":"number","minimum":0}}}}}})";

awaitable<Response> drift(Services& services, Request&) {
  co_return text_response(co_await blocking_text(
      services, [&drift = services.app.drift] { return drift.report(); },
      [](const app::DriftReport& report) { return app::to_json(report); }));
}

awaitable<Response> drift_history(Services& services, Request&) {
  co_return text_response(co_await blocking_text(
      services,
      [&history = services.app.drift_history, ending = services.ending] { return history.report(ending); },
      [](const app::DriftHistoryReport& report) { return app::to_json(report); }));
}

awaitable<Response> explain(Services& services, Request& request) {
  const Result<TaskId> task = task_in_path(request);
  if (!task) co_return error_response(task.error());
  const auto name = item_in_path(request, services.domain.item_id_type,
                                 "Result not found: invalid task_id or " + services.domain.item_id_field);
  if (!name) co_return error_response(name.error());
  // With histories it may go through the whole ledger: one at a time, and short reads do not wait for it.
  BlockingPool& pool = services.domain.histories.empty() ? services.reads : services.lists;
  co_return text_response(co_await blocking_result<std::string>(
      pool, [&app = services.app, task = *task, name = *name]() -> Result<std::string> {
        app::ItemNames& names = app.serving.item_names();
        const auto item = names.find(name);
        if (!item && item.error().code != ErrorCode::kNotFound) return item.error();
        const auto explanation =
            app.explanations.explain(task, item ? *item : ItemId{});  // 0: nobody ranked it
        if (!explanation) return explanation.error();
        return app::to_json(*explanation, names);
      }));
}

// What is chosen, where it is told what positions do to that.
ChoiceInput target_input(Services& services) {
  return {.name = "kind",
          .help =
              "What outcomes, examination and position_model go by: a kind of feedback, or all of which the "
              "reward "
              "(or the value) is above 0",
          .words = app::target_names(services.domain.feedback),
          .preset = services.app.performance.preset()};
}

awaitable<Response> performance(Services& services, Request& request) {
  QueryReader query(request);
  const auto target = query.read(target_input(services));
  if (const Status faults = query.status(); !faults) co_return error_response(faults.error());
  co_return text_response(co_await blocking_text(
      services,
      [&performance = services.app.performance, target = std::string{*target}] {
        return performance.report(target);
      },
      [](const app::PerformanceReport& report) { return app::to_json(report); }));
}

awaitable<Response> shown_items(Services& services, Request& request) {
  QueryReader query(request);
  const std::int64_t limit = query.read(kLimit);
  if (const Status faults = query.status(); !faults) co_return error_response(faults.error());
  co_return text_response(co_await blocking_text(
      services, [&performance = services.app.performance] { return performance.report(); },
      [&names = services.app.serving.item_names(), limit](const app::PerformanceReport& report) {
        return app::items_to_json(report, names, limit);
      }));
}

awaitable<Response> reorder(Services& services, Request& request) {
  const Result<TaskId> task = task_in_path(request);
  if (!task) co_return error_response(task.error());
  const auto model = number_in_path(request, "Model not found");
  if (!model) co_return error_response(model.error());
  if (*model < 1) co_return error_response({ErrorCode::kNotFound, "Model not found"});
  BlockingPool& pool = services.domain.histories.empty() ? services.reads : services.lists;  // as explain()
  co_return text_response(co_await blocking_result<std::string>(
      pool, [&app = services.app, task = *task, model = *model]() -> Result<std::string> {
        const auto reordering = app.explanations.reorder(task, {model});
        if (!reordering) return reordering.error();
        return app::to_json(*reordering, app.serving.item_names());
      }));
}

awaitable<Response> importance(Services& services, Request& request) {
  const auto model = number_in_path(request, "Model not found");
  if (!model) co_return error_response(model.error());
  if (*model < 1) co_return error_response({ErrorCode::kNotFound, "Model not found"});
  const auto told = co_await blocking_result<app::Importance>(
      services.reads, [&explanations = services.app.explanations, model = *model] {
        return explanations.importance({model});
      });
  co_return told ? json_response(app::to_json(*told)) : error_response(told.error());
}

void add_performance(std::vector<Route>& routes, Services& services) {
  routes.push_back(
      {.method = Method::kGet,
       .path = "/monitoring/performance",
       .handle = bind_handler(services, performance),
       .operation = "performance",
       .tag = "monitoring",
       .summary = "What became of the newest 20,000 shown requests: by model, over time, by position",
       .description =
           "Pick rates with Wilson's 95 % interval, mean values of a request with one by the normal "
           "approximation. A model_id of null is the random order before the first model. Imported "
           "history is left out. At most ten seconds old. `examination` is how often positions are looked "
           "at, by "
           "lists in random order (`random_orders`), or what they draw, by items that models which share the "
           "traffic put at different places (`swaps`); `position_model` tests whether a pick's chance is the "
           "position's times the item's, by what models say of lists in random order. `outcomes` says what "
           "the "
           "lists came to: in how many the target was told (`share`), and what that was worth for each "
           "(`mean`), "
           "by model, over time and by position. All three go by what is learned, or by what `kind` names.",
       .parameters = {in_query(target_input(services))},
       .answers = {{200, "The report", performance_schema()}}});
  routes.push_back(
      {.method = Method::kGet,
       .path = "/monitoring/items",
       .handle = bind_handler(services, shown_items),
       .operation = "shown_items",
       .tag = "monitoring",
       .summary = "How often items were shown and picked in the same requests, the most shown first",
       .parameters = {in_query(kLimit)},
       .answers = {{200, "The items; those that are not listed were not shown", kItemsSchema}}});
}

void add_drift(std::vector<Route>& routes, Services& services) {
  routes.push_back({.method = Method::kGet,
                    .path = "/monitoring/drift",
                    .handle = bind_handler(services, drift),
                    .operation = "drift",
                    .tag = "monitoring",
                    .summary = "How far the newest requests lie from what the champion was trained on",
                    .description =
                        "The population stability index of every feature: below 0.1 much the same, above "
                        "0.25 another population; with fewer requests than `telling_requests` mostly chance. "
                        "Features of the request say who asks; those of the item say what was shown, which "
                        "another model changes by itself: they are no alarm. The last share of a feature is "
                        "that of absent values.",
                    .answers = {{200, "The report; without a champion it has no features", kDriftSchema}}});
  routes.push_back(
      {.method = Method::kGet,
       .path = "/monitoring/drift/history",
       .handle = bind_handler(services, drift_history),
       .operation = "drift_history",
       .tag = "monitoring",
       .summary = "The same over time: the newest 10,000 requests in windows of equal size",
       .description = "Up to 20 windows of 200 requests or more, the oldest first, each against the "
                      "champion's training. "
                      "Chance alone moves an index by about the number of bins over the number of requests. "
                      "At most half "
                      "a minute old.",
       .answers = {{200, "By feature, an index and the shares of every window", kDriftHistorySchema}}});
}

}  // namespace

std::vector<Route> monitoring_routes(Services& services) {
  std::vector<Route> routes;
  const bool counted = services.domain.item_id_type == ItemIdType::kNumber;
  add_drift(routes, services);
  routes.push_back(
      {.method = Method::kGet,
       .path = "/inference/explain/{task_id}/{item_id}",
       .handle = bind_handler(services, explain),
       .operation = "explain_result",
       .tag = "inference",
       .summary = "Why an item got its score: what each feature added, in log-odds",
       .description =
           "`histories` are those of who asked and of the item, with the values that the ranking knew: empty "
           "where the domain has none, or where the ranking was made before it had, or the person was "
           "erased.",
       .parameters = {task_parameter(),
                      item_parameter(services.domain.item_id_type, "item_id",
                                     counted ? "The item's number" : "The item's id",
                                     counted ? boost::json::value(1) : example_item(services).id)},
       .answers = {
           {200, "The explanation", kExplanationSchema + histories_schema() + "}}"},
           {409, "The task has not succeeded, or its model cannot be loaded any more", schema_of("Error")}}});
  routes.push_back(
      {.method = Method::kGet,
       .path = "/inference/reorder/{task_id}/{model_id}",
       .handle = bind_handler(services, reorder),
       .operation = "reorder_results",
       .tag = "inference",
       .summary = "What a task ranked, in the order of another model",
       .description =
           "Request and items have the values that they had when they were ranked. Nothing is recorded.",
       .parameters = {task_parameter(), number_parameter("model_id", "The model's number")},
       .answers = {
           {200, "Its items, in the model's order, with their positions before", kReorderingSchema},
           {409, "The task has not succeeded, or the model cannot be loaded any more", schema_of("Error")}}});
  routes.push_back(
      {.method = Method::kGet,
       .path = "/models/{model_id}/importance",
       .handle = bind_handler(services, importance),
       .operation = "model_importance",
       .tag = "models",
       .summary = "How much each feature moves a model's scores: the mean of |contribution|, in log-odds",
       .description =
           "Measured on items that were shown last, 60 at most; without any there are no features.",
       .parameters = {number_parameter("model_id", "The model's number")},
       .answers = {{200, "The features and crosses, the greatest first", kImportanceSchema},
                   {409, "The model cannot be loaded any more", schema_of("Error")}}});
  add_performance(routes, services);
  return routes;
}

}  // namespace rankloop::http
