// The handlers of the registry and their table.
#include "http/routes/models.h"

#include <boost/json/serialize.hpp>

#include "app/learn/model_json.h"
#include "http/routes/blocking_text.h"
#include "http/routes/inputs.h"
#include "http/routes/keep.h"
#include "http/routes/schemas.h"
#include "http/routes/signed_change.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

const NumberInput kBefore{.name = "before", .help = "Only older events", .example = 1};
const NumberInput kLimit{.name = "limit", .help = "How many", .maximum = 1'000, .preset = 100};
const RealInput kShare{
    .name = "share", .help = "Of the people; the champion keeps the rest", .maximum = 1, .below = true};
const FlagInput kShadow{.name = "shadow", .help = "Whether it ranks beside whatever answers"};

const char kModelSchema[] =
    R"({"type":"object","required":["model_id","family","champion","share","shadow","created","verdict","metrics",)"
    R"("counts"],"properties":{"model_id":{"type":"integer"},"family":{"type":"string"},)"
    R"("champion":{"type":"boolean"},"share":{"type":"number","minimum":0,"maximum":1},)"
    R"("shadow":{"type":"boolean"},"created":{"type":"string","format":"date-time"},)"
    R"("verdict":{"type":["string","null"],"enum":["promote","reject","insufficient_evidence",null]},)"
    R"("metrics":{"type":"object","properties":{"test":{"type":"object","properties":{)"
    R"("calibration_curve":{"type":["array","null"],"items":{"type":"object",)"
    R"("required":["predicted","observed","ci","rows"],"properties":{"predicted":{"type":"number"},)"
    R"("observed":{"type":"number"},"ci":{"type":"array","items":{"type":"number"}},)"
    R"("rows":{"type":"integer"}}}}}}}},"counts":{"type":"object","properties":{"shown":{"type":"integer"},)"
    R"("picked":{"type":"integer"},"none":{"type":"integer"},"value":{"type":"number"},)"
    R"("pick_rate":{"type":["number","null"]},"pick_rate_ci":{"type":["array","null"],)"
    R"("items":{"type":"number"}}}},"domain_version":{"type":"integer"},"artefact":{"type":"string"},)"
    R"("features":{"type":"string"},"lineage":{"type":"object"},"gate":{"type":["object","null"]}}})";
// The same without what became of its rankings.
const char kChangedSchema[] =
    R"({"type":"object","required":["model_id","family","champion","share","shadow","created","verdict","metrics"],)"
    R"("properties":{"model_id":{"type":"integer"},"family":{"type":"string"},"champion":{"type":"boolean"},)"
    R"("share":{"type":"number","minimum":0,"maximum":1},"shadow":{"type":"boolean"},)"
    R"("created":{"type":"string","format":"date-time"},"verdict":{"type":["string","null"]},)"
    R"("metrics":{"type":"object"}}})";
const char kEventSchema[] =
    R"({"type":"object","required":["id","at","what","model_id","actor","remark","reason","detail"],"properties":{)"
    R"("id":{"type":"integer"},"at":{"type":"string","format":"date-time"},"what":{"type":"string"},)"
    R"("model_id":{"type":"integer"},"actor":{"type":"string"},"remark":{"type":["string","null"]},)"
    R"("reason":{"type":"string"},)"
    R"("detail":{"type":["object","null"]}}})";

Result<ModelId> model_in_path(const Request& request) {
  const auto number = number_in_path(request, "Model not found");
  if (!number) return number.error();
  return ModelId{*number};
}

awaitable<Response> list(Services& services, Request&) {
  co_return text_response(co_await blocking_text(
      services, [&models = services.app.models] { return models.list(); },
      [](const std::vector<app::ModelView>& models) {
        boost::json::array array;
        for (const app::ModelView& view : models) array.push_back(app::to_object(view, app::Detail::kBrief));
        return boost::json::serialize(array);
      }));
}

awaitable<Response> get(Services& services, Request& request) {
  const Result<ModelId> id = model_in_path(request);
  if (!id) co_return error_response(id.error());
  const auto model = co_await blocking_result<app::ModelView>(
      services.reads, [&models = services.app.models, id = *id] { return models.get(id); });
  co_return model ? json_response(boost::json::serialize(app::to_object(*model, app::Detail::kFull)))
                  : error_response(model.error());
}

awaitable<Response> history(Services& services, Request& request) {
  QueryReader query{request};
  const int limit = static_cast<int>(query.read(kLimit));
  const std::optional<std::int64_t> before = query.read_if_given(kBefore);
  if (const Status fault = query.status(); !fault) co_return error_response(fault.error());
  using Events = std::vector<app::ModelEvent>;
  const auto events = co_await blocking_result<Events>(
      services.reads,
      [&models = services.app.models, before, limit] { return models.history(before, limit); });
  if (!events) co_return error_response(events.error());
  boost::json::array array;
  for (const app::ModelEvent& event : *events) array.push_back(app::to_object(event));
  Response response = json_response(boost::json::serialize(array));
  if (events->size() == static_cast<std::size_t>(limit)) {
    response.headers.emplace_back("Link", "</models/history?limit=" + std::to_string(limit) + "&before=" +
                                              std::to_string(events->back().id) + ">; rel=\"next\"");
  }
  co_return response;
}

// A change of the registry: `apply(change, keep, done)` runs on the pool for blocking work, because it may
// read the artefact first.
template <class Apply>
awaitable<Response> change_registry(Services& services, Request& request, Result<app::Signed> by,
                                    Apply apply) {
  if (!by) co_return error_response(by.error());
  auto keep = keep_for<app::ModelRecord>(request.idempotency,
                                         [](const app::ModelRecord& record, app::KeptAnswer& kept) {
                                           kept.status = 200;
                                           kept.body = app::record_json(record);
                                         });
  const auto outcome = co_await handed_result<app::ModelRecord>(
      services.reads, [apply, by = *by, keep = std::move(keep)](auto done) mutable {
        apply(std::move(by), std::move(keep), done);
      });
  if (outcome) co_await registry_served(services);
  co_return kept_response(request, outcome, outcome ? app::record_json(*outcome) : "");
}

awaitable<Response> promote(Services& services, Request& request) {
  const Result<ModelId> id = model_in_path(request);
  if (!id) co_return error_response(id.error());
  co_return co_await change_registry(
      services, request, read_change(request),
      [&models = services.app.models, id = *id](app::Signed by, auto keep, auto done) {
        models.promote(id, std::move(by), std::move(keep), done);
      });
}

awaitable<Response> rollback(Services& services, Request& request) {
  co_return co_await change_registry(services, request, read_change(request),
                                     [&models = services.app.models](app::Signed by, auto keep, auto done) {
                                       models.rollback(std::move(by), std::move(keep), done);
                                     });
}

awaitable<Response> share(Services& services, Request& request) {
  const Result<ModelId> id = model_in_path(request);
  if (!id) co_return error_response(id.error());
  double share = 0;
  Result<app::Signed> change =
      read_change(request, [&share](BodyReader& body) { share = body.read(kShare); });
  co_return co_await change_registry(
      services, request, std::move(change),
      [&models = services.app.models, id = *id, share](app::Signed by, auto keep, auto done) {
        models.share(id, share, std::move(by), std::move(keep), done);
      });
}

awaitable<Response> shadow(Services& services, Request& request) {
  const Result<ModelId> id = model_in_path(request);
  if (!id) co_return error_response(id.error());
  bool on = false;
  Result<app::Signed> change = read_change(request, [&on](BodyReader& body) { on = body.read(kShadow); });
  co_return co_await change_registry(
      services, request, std::move(change),
      [&models = services.app.models, id = *id, on](app::Signed by, auto keep, auto done) {
        models.shadow(id, on, std::move(by), std::move(keep), done);
      });
}

awaitable<Response> remove(Services& services, Request& request) {
  const Result<ModelId> id = model_in_path(request);
  if (!id) co_return error_response(id.error());
  app::Signed by{.actor = std::string(request.actor)};
  QueryReader query{request};
  by.reason = query.read(kReason);
  const Status read = query.status();
  co_return co_await change_registry(
      services, request, read ? Result<app::Signed>{by} : read.error(),
      [&models = services.app.models, id = *id](app::Signed by, auto keep, auto done) {
        models.remove(id, std::move(by), std::move(keep), done);
      });
}

awaitable<Response> download(Services& services, Request& request) {
  const Result<ModelId> id = model_in_path(request);
  if (!id) co_return error_response(id.error());
  auto artefact = co_await blocking_result<std::shared_ptr<const std::string>>(
      services.reads, [&models = services.app.models, id = *id] { return models.artefact(id); });
  if (!artefact) co_return error_response(artefact.error());
  Response response;
  response.content_type = "application/octet-stream";
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"model-" + std::to_string(id->value) + ".rankloop\"");
  response.shared_body = *std::move(artefact);
  co_return response;
}

awaitable<Response> upload(Services& services, Request& request) {
  const auto bytes = std::make_shared<std::string>(std::move(request.body));
  const auto id = co_await handed_result<ModelId>(
      services.reads, [&models = services.app.models, bytes, actor = std::string(request.actor)](auto done) {
        models.import(std::move(*bytes), {actor, "imported"}, done);
      });
  if (!id && id.error().code == ErrorCode::kDataLoss) {
    co_return error_response({ErrorCode::kInvalidArgument, id.error().message});
  }
  co_return id ? json_response(R"({"model_id":)" + std::to_string(id->value) + "}", 201)
               : error_response(id.error());
}

Parameter model_parameter() {
  return {"model_id", "path", number_schema(), "The model's number", true};
}

std::vector<Link> model_links(const std::string& from) {
  std::vector<Link> links;
  for (const char* operation :
       {"get_model", "export_model", "model_importance", "promote_model", "share_traffic", "shadow_model"})
    links.push_back(link_to(operation, "model_id", from));
  return links;
}

Route change_route(std::string path, Handler handle, std::string operation, std::string summary,
                   std::string schema, bool body_required) {
  Route route{.method = Method::kPost,
              .path = std::move(path),
              .handle = std::move(handle),
              .operation = std::move(operation),
              .tag = "models",
              .summary = std::move(summary),
              .description = "Takes effect for the next task; running ones keep their model.",
              .body_schema = std::move(schema),
              .body_required = body_required,
              .answers = {{.description = "The model as it is now",
                           .schema = kChangedSchema,
                           .headers = {"Idempotency-Replayed"}},
                          {404, "There is no such model", schema_of("Error")},
                          {409, "The registry does not allow it now", schema_of("Error")}},
              .max_body = 2 * kSmallBody};  // a reason and a remark of which every character is escaped
  if (route.path.find('{') != std::string::npos) route.parameters = {model_parameter()};
  return route;
}

}  // namespace

std::vector<Route> model_routes(Services& services) {
  const std::string reason =
      body_schema({}, {in_body(kReason), in_body(kRemark)}, R"({"reason":"better for the newest requests"})");
  const std::string share_schema =
      body_schema({kShare.name}, {in_body(kShare), in_body(kReason), in_body(kRemark)},
                  R"({"share":0.1,"reason":"a first look"})");
  const std::string shadow_schema =
      body_schema({kShadow.name}, {in_body(kShadow), in_body(kReason), in_body(kRemark)},
                  R"({"shadow":true,"reason":"a first look"})");
  std::vector<Route> routes;
  routes.push_back(
      {.method = Method::kGet,
       .path = "/models",
       .handle = bind_handler(services, list),
       .operation = "list_models",
       .tag = "models",
       .summary = "Every model, its metrics, its share of the traffic, and what became of its rankings",
       .answers = {{.description = "Models",
                    .schema = array_of(kModelSchema),
                    .links = model_links("$response.body#/0/model_id")}}});
  routes.push_back(
      {.method = Method::kGet,
       .path = "/models/history",
       .handle = bind_handler(services, history),
       .operation = "model_history",
       .tag = "models",
       .summary = "Who or what promoted, rejected, rolled back, and why; newest first",
       .parameters = {in_query(kBefore), in_query(kLimit)},
       .answers = {{.description = "Events", .schema = array_of(kEventSchema), .headers = {"Link"}}}});
  routes.push_back({.method = Method::kGet,
                    .path = "/models/{model_id}",
                    .handle = bind_handler(services, get),
                    .operation = "get_model",
                    .tag = "models",
                    .summary = "One model with its lineage and the gate's evidence",
                    .parameters = {model_parameter()},
                    .answers = {{200, "The model", kModelSchema}}});
  routes.push_back({.method = Method::kGet,
                    .path = "/models/{model_id}/artefact",
                    .handle = bind_handler(services, download),
                    .operation = "export_model",
                    .tag = "models",
                    .summary = "The model as a file",
                    .parameters = {model_parameter()},
                    .answers = {{.description = "Its bytes",
                                 .schema = R"({"type":"string","format":"binary"})",
                                 .content_type = "application/octet-stream",
                                 .headers = {"Content-Disposition"}}}});
  routes.push_back(
      {.method = Method::kPost,
       .path = "/models",
       .handle = bind_handler(services, upload),
       .operation = "import_model",
       .tag = "models",
       .summary = "Add a model from a file; it answers nothing until it is promoted",
       .body_schema = R"({"type":"string","format":"binary"})",
       .body_types = {"application/octet-stream"},
       .answers =
           {{.status = 201,
             .description = "Its number",
             .schema =
                 R"({"type":"object","required":["model_id"],"properties":{"model_id":{"type":"integer"}}})",
             .links = model_links("$response.body#/model_id")},
            {409, "It was made for other features", schema_of("Error")}},
       .max_body = services.max_artefact});
  routes.push_back(change_route("/models/{model_id}/promote", bind_handler(services, promote),
                                "promote_model", "Make a model the champion", reason, false));
  routes.push_back(change_route("/models/rollback", bind_handler(services, rollback), "rollback_model",
                                "Back to the champion before this one", reason, false));
  routes.push_back(change_route("/models/{model_id}/share", bind_handler(services, share), "share_traffic",
                                "Give a challenger a share of the people; the champion keeps the rest",
                                share_schema, true));
  routes.push_back(change_route("/models/{model_id}/shadow", bind_handler(services, shadow), "shadow_model",
                                "Let a challenger rank beside whatever answers, unseen", shadow_schema,
                                true));
  routes.push_back(
      {.method = Method::kDelete,
       .path = "/models/{model_id}",
       .handle = bind_handler(services, remove),
       .operation = "remove_model",
       .tag = "models",
       .summary = "Remove a model that answers nobody",
       .description = "Its artefact goes with it; its history stays, and its number is never given again.",
       .parameters = {model_parameter(), in_query(kReason)},
       .answers = {
           {200, "The model as it was", R"({"type":"object"})"},
           {404, "There is no such model", schema_of("Error")},
           {409, "It answers somebody, shadows, or is what a rollback goes back to", schema_of("Error")}}});
  return routes;
}

}  // namespace rankloop::http
