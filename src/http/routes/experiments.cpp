// The handlers of experiments and their table.
#include "http/routes/experiments.h"

#include <boost/json/serialize.hpp>

#include "app/watch/experiment_json.h"
#include "http/routes/blocking_text.h"
#include "http/routes/experiment_input.h"
#include "http/routes/experiment_schemas.h"
#include "http/routes/inputs.h"
#include "http/routes/keep.h"
#include "http/routes/schemas.h"
#include "http/routes/signed_change.h"

namespace rankloop::http {
namespace {

using app::ExperimentRecord;
using boost::asio::awaitable;

const NumberInput kBefore{.name = "before", .help = "Only older events", .example = 1};
const NumberInput kLimit{.name = "limit", .help = "How many", .maximum = 1'000, .preset = 100};
const NumberInput kAfter{
    .name = "after", .help = "Only requests with greater numbers", .minimum = 0, .preset = 0};
const NumberInput kRequests{.name = "limit", .help = "How many", .maximum = 100'000, .preset = 100'000};
const ChoiceInput kFormat{
    .name = "format", .help = "A table or JSON lines", .words = {"csv", "jsonl"}, .preset = "csv"};
const TextInput kField{.name = "field", .help = "A field of the requests", .least = 1, .most = 200};
const ChoiceInput kConclusion{.name = "conclusion",
                              .help = "Why it is over",
                              .words = {"winner", "no_difference", "harmful", "invalid", "abandoned"}};
const TextInput kWinner{.name = "arm", .help = "Which arm won, or is meant", .most = 50};
const RealInput kBaseline{.name = "baseline", .help = "The control's rate", .maximum = 1, .example = 0.3};
const RealInput kEffect{.name = "effect",
                        .help = "The difference that is to be seen, in the metric's unit",
                        .minimum = -1e9,
                        .maximum = 1e9,
                        .example = 0.02};
const RealInput kDeviation{.name = "deviation",
                           .help = "The standard deviation between people, where the metric is a mean",
                           .maximum = 1e9};
const ChoiceInput kMethod{.name = "method",
                          .help = "Whether arms have people of their own or share every list",
                          .words = {"split", "interleaving"},
                          .preset = "split"};
const RealInput kPower{.name = "power",
                       .help = "The chance to see an effect that is there; 0.8 where it is not given",
                       .minimum = 0.5,
                       .maximum = 1,
                       .below = true};
const RealInput kAlpha{.name = "alpha",
                       .help = "The chance to see one that is not; 0.05 where it is not given",
                       .minimum = 0.000001,
                       .maximum = 0.5};

Result<ExperimentId> experiment_in_path(const Request& request) {
  const auto number = number_in_path(request, "Experiment not found");
  if (!number) return number.error();
  return ExperimentId{*number};
}

Result<std::string> listed(const std::vector<ExperimentRecord>& experiments) {
  boost::json::array array;
  for (const ExperimentRecord& each : experiments) {
    auto object = app::to_object(each);
    if (!object) return object.error();
    array.push_back(*std::move(object));
  }
  return boost::json::serialize(array);
}

awaitable<Response> list(Services& services, Request&) {
  co_return text_response(co_await blocking_result<std::string>(
      services.reads, [&experiments = services.app.experiments]() -> Result<std::string> {
        const auto all = experiments.list();
        if (!all) return all.error();
        return listed(*all);
      }));
}

awaitable<Response> get(Services& services, Request& request) {
  const auto id = experiment_in_path(request);
  if (!id) co_return error_response(id.error());
  co_return text_response(co_await blocking_result<std::string>(
      services.reads, [&experiments = services.app.experiments, id = *id]() -> Result<std::string> {
        const auto found = experiments.get(id);
        if (!found) return found.error();
        const auto object = app::to_object(*found);
        if (!object) return object.error();
        return boost::json::serialize(*object);
      }));
}

awaitable<Response> history(Services& services, Request& request) {
  const auto id = experiment_in_path(request);
  if (!id) co_return error_response(id.error());
  QueryReader query{request};
  const int limit = static_cast<int>(query.read(kLimit));
  const std::optional<std::int64_t> before = query.read_if_given(kBefore);
  if (const Status fault = query.status(); !fault) co_return error_response(fault.error());
  using Events = std::vector<app::ExperimentEvent>;
  const auto events = co_await blocking_result<Events>(
      services.reads, [&experiments = services.app.experiments, id = *id, before, limit] {
        return experiments.history(id, before, limit);
      });
  if (!events) co_return error_response(events.error());
  boost::json::array array;
  for (const app::ExperimentEvent& event : *events) array.push_back(app::to_object(event));
  Response response = json_response(boost::json::serialize(array));
  if (events->size() == static_cast<std::size_t>(limit)) {
    response.headers.emplace_back(
        "Link", "</experiments/" + std::to_string(id->value) + "/history?limit=" + std::to_string(limit) +
                    "&before=" + std::to_string(events->back().id) + ">; rel=\"next\"");
  }
  co_return response;
}

awaitable<Response> report(Services& services, Request& request) {
  const auto id = experiment_in_path(request);
  if (!id) co_return error_response(id.error());
  co_return text_response(co_await blocking_result<std::string>(
      services.lists, [&reports = services.app.experiment_reports, id = *id]() -> Result<std::string> {
        const auto made = reports.report(id);
        if (!made) return made.error();
        return app::to_json(**made);
      }));
}

awaitable<Response> segments(Services& services, Request& request) {
  const auto id = experiment_in_path(request);
  if (!id) co_return error_response(id.error());
  QueryReader query{request};
  const std::string field = query.read(kField);
  if (const Status fault = query.status(); !fault) co_return error_response(fault.error());
  co_return text_response(co_await blocking_result<std::string>(
      services.lists, [&app = services.app, id = *id, field]() -> Result<std::string> {
        const auto experiment = app.experiments.get(id);
        if (!experiment) return experiment.error();
        const auto parts = app.experiment_reports.segments(id, field);
        if (!parts) return parts.error();
        return app::to_json(*parts, *experiment, field);
      }));
}

awaitable<Response> requests(Services& services, Request& request) {
  const auto id = experiment_in_path(request);
  if (!id) co_return error_response(id.error());
  QueryReader query{request};
  const auto format =
      query.read(kFormat) == "jsonl" ? app::RequestFormat::kJsonLines : app::RequestFormat::kCsv;
  const InferenceId after{query.read(kAfter)};
  const auto limit = static_cast<std::size_t>(query.read(kRequests));
  if (const Status fault = query.status(); !fault) co_return error_response(fault.error());
  const auto page = co_await blocking_result<app::RequestPage>(
      services.lists, [&reports = services.app.experiment_reports, id = *id, after, limit, format] {
        return reports.requests(id, after, limit, format);
      });
  if (!page) co_return error_response(page.error());
  Response response;
  const bool csv = format == app::RequestFormat::kCsv;
  response.content_type = csv ? "text/csv" : "application/x-ndjson";
  response.body = page->text;
  if (page->last != InferenceId{}) {
    response.headers.emplace_back(
        "Link", "</experiments/" + std::to_string(id->value) + "/requests?format=" + (csv ? "csv" : "jsonl") +
                    "&limit=" + std::to_string(limit) + "&after=" + std::to_string(page->last.value) +
                    ">; rel=\"next\"");
  }
  co_return response;
}

awaitable<Response> metrics(Services& services, Request&) {
  co_return json_response(app::to_json(app::list_metrics(services.domain.feedback)));
}

awaitable<Response> size(Services&, Request& request) {
  QueryReader query{request};
  const auto baseline = query.read_if_given(kBaseline);
  const auto effect = query.read_if_given(kEffect);
  app::SizeQuestion question{.baseline = baseline.value_or(0),
                             .effect = effect.value_or(0),
                             .deviation = query.read_if_given(kDeviation)};
  question.interleaved = query.read(kMethod) == "interleaving";
  question.precision.power = query.read_if_given(kPower).value_or(question.precision.power);
  question.precision.alpha = query.read_if_given(kAlpha).value_or(question.precision.alpha);
  if (!request.parameter(kEffect.name)) query.fault(kEffect.name, "Field required", "missing");
  if (!request.parameter(kBaseline.name) && !request.parameter(kDeviation.name))
    query.fault(kBaseline.name, "Field required, or a deviation", "missing");
  if (const Status fault = query.status(); !fault) co_return error_response(fault.error());
  const auto each = app::people_per_arm(question);
  if (!each) {
    query.fault(kEffect.name, each.error().message, "value_error");
    co_return error_response(query.status().error());
  }
  co_return json_response(R"({"people_per_arm":)" + std::to_string(*each) + R"(,"people":)" +
                          std::to_string(question.interleaved ? *each : 2 * *each) + R"(,"power":)" +
                          boost::json::serialize(boost::json::value(question.precision.power)) +
                          R"(,"alpha":)" +
                          boost::json::serialize(boost::json::value(question.precision.alpha)) + "}");
}

// A change: `apply(keep, done)` runs on the pool for blocking work, because it may look something up first.
template <class Apply>
awaitable<Response> change_experiment(Services& services, Request& request, int status, Apply apply) {
  auto keep = keep_for<ExperimentRecord>(request.idempotency,
                                         [status](const ExperimentRecord& record, app::KeptAnswer& kept) {
                                           kept.status = status;
                                           kept.body = app::record_json(record);
                                         });
  const auto outcome = co_await handed_result<ExperimentRecord>(
      services.reads, [apply = std::move(apply), keep = std::move(keep)](auto done) mutable {
        apply(std::move(keep), done);
      });
  if (outcome) co_await registry_served(services);
  co_return kept_response(request, outcome, outcome ? app::record_json(*outcome) : "", status);
}

awaitable<Response> create(Services& services, Request& request) {
  const auto body = json_body(request);
  if (!body) co_return error_response(body.error());
  const auto by = read_change(request);
  if (!by) co_return error_response(by.error());
  const auto wanted = read_experiment(*body, services.domain.feedback);
  if (!wanted) co_return error_response(wanted.error());
  co_return co_await change_experiment(
      services, request, 201,
      [&experiments = services.app.experiments, wanted = *wanted, by = *by](auto keep, auto done) {
        experiments.create(wanted, by, std::move(keep), done);
      });
}

// A change of the experiment in the path that takes nothing but its reason.
using Change = void (app::ExperimentChanges::*)(ExperimentId, app::Signed, app::ExperimentChanges::KeptWith,
                                                app::ExperimentChanges::Done);

awaitable<Response> change_in_path(Services& services, Request& request, Change change) {
  const auto id = experiment_in_path(request);
  if (!id) co_return error_response(id.error());
  const auto by = read_change(request);
  if (!by) co_return error_response(by.error());
  co_return co_await change_experiment(
      services, request, 200,
      [&experiments = services.app.experiments, change, id = *id, by = *by](auto keep, auto done) {
        (experiments.*change)(id, by, std::move(keep), done);
      });
}

awaitable<Response> start(Services& services, Request& request) {
  return change_in_path(services, request, &app::ExperimentChanges::start);
}

awaitable<Response> stop(Services& services, Request& request) {
  return change_in_path(services, request, &app::ExperimentChanges::stop);
}

awaitable<Response> conclude(Services& services, Request& request) {
  const auto id = experiment_in_path(request);
  if (!id) co_return error_response(id.error());
  std::optional<Conclusion> conclusion;
  std::string winner;
  const auto by = read_change(request, [&](BodyReader& body) {
    conclusion = parse_conclusion(body.read(kConclusion));
    winner = body.read(kWinner);
    if (conclusion == Conclusion::kWinner && winner.empty())
      body.fault({std::string{kWinner.name}}, "Field required of a winner", "missing");
  });
  if (!by) co_return error_response(by.error());
  co_return co_await change_experiment(
      services, request, 200,
      [&experiments = services.app.experiments, id = *id, conclusion = *conclusion, winner, by = *by](
          auto keep, auto done) { experiments.conclude(id, conclusion, winner, by, std::move(keep), done); });
}

Parameter experiment_parameter() {
  return {"experiment_id", "path", number_schema(), "The experiment's number", true};
}

Route read_route(std::string path, Handler handle, std::string operation, std::string summary,
                 std::vector<Parameter> parameters, Answer answer) {
  Route route{.method = Method::kGet,
              .path = std::move(path),
              .handle = std::move(handle),
              .operation = std::move(operation),
              .tag = "experiments",
              .summary = std::move(summary),
              .parameters = std::move(parameters),
              .answers = {std::move(answer)}};
  if (route.path.find('{') != std::string::npos) {
    route.parameters.insert(route.parameters.begin(), experiment_parameter());
    route.answers.push_back({404, "There is no such experiment", schema_of("Error")});
  }
  return route;
}

Route change_route(std::string path, Handler handle, std::string operation, std::string summary,
                   std::string schema, bool body_required) {
  return {.method = Method::kPost,
          .path = std::move(path),
          .handle = std::move(handle),
          .operation = std::move(operation),
          .tag = "experiments",
          .summary = std::move(summary),
          .parameters = {experiment_parameter()},
          .body_schema = std::move(schema),
          .body_required = body_required,
          .answers = {{.description = "The experiment as it is now",
                       .schema = kExperimentSchema,
                       .headers = {"Idempotency-Replayed"}},
                      {404, "There is no such experiment", schema_of("Error")},
                      {409, "Its state does not allow it, or too little of the traffic is free",
                       schema_of("Error")}},
          .max_body = 2 * kSmallBody};
}

std::vector<Link> experiment_links(const std::string& from) {
  std::vector<Link> links;
  for (const char* operation : {"get_experiment", "experiment_report", "experiment_history",
                                "start_experiment", "stop_experiment", "conclude_experiment"})
    links.push_back(link_to(operation, "experiment_id", from));
  return links;
}

std::vector<Route> reads(Services& services) {
  std::vector<Route> routes;
  routes.push_back(read_route("/experiments", bind_handler(services, list), "list_experiments",
                              "Every experiment, by number", {},
                              {.description = "Experiments",
                               .schema = array_of(kExperimentSchema),
                               .links = experiment_links("$response.body#/0/experiment_id")}));
  routes.push_back(
      read_route("/experiments/metrics", bind_handler(services, metrics), "experiment_metrics",
                 "What can be measured: of every domain, then of its own kinds of feedback", {},
                 {.description = "Metrics of lists that were shown", .schema = array_of(kMetricSchema)}));
  routes.push_back(read_route("/experiments/size", bind_handler(services, size), "experiment_size",
                              "How many people two equal arms need to see an effect",
                              {in_query(kBaseline), in_query(kEffect), in_query(kDeviation),
                               in_query(kMethod), in_query(kPower), in_query(kAlpha)},
                              {.description = "The size", .schema = kSizeSchema}));
  routes.push_back(read_route("/experiments/{experiment_id}", bind_handler(services, get), "get_experiment",
                              "One experiment", {}, {200, "The experiment", kExperimentSchema}));
  routes.push_back(read_route(
      "/experiments/{experiment_id}/history", bind_handler(services, history), "experiment_history",
      "Who or what changed it, and why; newest first", {in_query(kBefore), in_query(kLimit)},
      {.description = "Events", .schema = array_of(kExperimentEventSchema), .headers = {"Link"}}));
  routes.push_back(read_route("/experiments/{experiment_id}/report", bind_handler(services, report),
                              "experiment_report", "What it says so far", {},
                              {200, "The report", kReportSchema}));
  routes.push_back(read_route("/experiments/{experiment_id}/segments", bind_handler(services, segments),
                              "experiment_segments", "The same in parts of the requests", {in_query(kField)},
                              {200, "The parts, the largest first", kSegmentsSchema}));
  Route exported = read_route("/experiments/{experiment_id}/requests", bind_handler(services, requests),
                              "export_experiment", "The requests that were analysed",
                              {in_query(kFormat), in_query(kAfter), in_query(kRequests)},
                              {.description = "A line for each, in their order",
                               .schema = R"({"type":"string"})",
                               .content_type = "text/csv",
                               .headers = {"Link"}});
  exported.answers.insert(exported.answers.begin() + 1, {.description = "A line for each, in their order",
                                                         .schema = R"({"type":"string"})",
                                                         .content_type = "application/x-ndjson",
                                                         .headers = {"Link"}});
  routes.push_back(std::move(exported));
  return routes;
}

}  // namespace

std::vector<Route> experiment_routes(Services& services) {
  std::vector<Route> routes = reads(services);
  const std::string reason =
      body_schema({}, {in_body(kReason), in_body(kRemark)}, R"({"reason":"the offline figures are good"})");
  routes.push_back({.method = Method::kPost,
                    .path = "/experiments",
                    .handle = bind_handler(services, create),
                    .operation = "create_experiment",
                    .tag = "experiments",
                    .summary = "Draft an experiment; it answers nobody until it is started",
                    .body_schema = experiment_schema(services.domain.feedback),
                    .answers = {{.status = 201,
                                 .description = "The draft",
                                 .schema = kExperimentSchema,
                                 .headers = {"Idempotency-Replayed"},
                                 .links = experiment_links("$response.body#/experiment_id")}},
                    .max_body = kSmallBody});
  routes.push_back(change_route("/experiments/{experiment_id}/start", bind_handler(services, start),
                                "start_experiment", "Let its arms answer", reason, false));
  routes.push_back(change_route("/experiments/{experiment_id}/stop", bind_handler(services, stop),
                                "stop_experiment", "Let its arms answer no more; it cannot start again",
                                reason, false));
  routes.push_back(
      change_route("/experiments/{experiment_id}/conclude", bind_handler(services, conclude),
                   "conclude_experiment", "Say what it came to; one that runs is stopped by it",
                   body_schema({kConclusion.name},
                               {in_body(kConclusion), in_body(kWinner), in_body(kReason), in_body(kRemark)},
                               R"({"conclusion":"abandoned","reason":"another model came first"})"),
                   true));
  return routes;
}

}  // namespace rankloop::http
