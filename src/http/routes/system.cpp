#include "http/routes/system.h"

#include <algorithm>

#include "http/routes/inputs.h"
#include "http/routes/schemas.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

awaitable<Response> live(Services&, Request&) {
  co_return json_response(R"({"status":"ok"})");
}

awaitable<Response> ready(Services& services, Request&) {
  const auto outcome = co_await blocking_result<void>(services.reads, services.inbox,
                                                      [&services] { return services.ready(); });
  co_return outcome ? json_response(R"({"status":"ready"})") : error_response(outcome.error());
}

awaitable<Response> version(Services& services, Request&) {
  co_return json_response(R"({"name":"rankloop","version":")" + services.version + R"(","revision":")" +
                          services.revision + R"(","store":")" + services.store_kind + R"(","queue":")" +
                          services.queue_kind + R"(","domain":")" + services.domain.name + R"("})");
}

awaitable<Response> metrics(Services& services, Request&) {
  // It asks the store, which may be a server elsewhere.
  auto text = co_await blocking_result<std::string>(
      services.reads, services.inbox, [&services] { return Result<std::string>(services.metrics.text()); });
  if (!text) co_return error_response(text.error());
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = *std::move(text);
  co_return response;
}

std::string log_json(const telemetry::Logger& log) {
  return R"({"level":")" + std::string{name_of(log.level())} + R"(","format":")" +
         std::string{name_of(log.format())} + R"("})";
}

awaitable<Response> get_log(Services& services, Request&) {
  co_return json_response(log_json(services.log));
}

Result<telemetry::LogLevel> read_level(const boost::json::value& body) {
  const boost::json::object* object = body.if_object();
  if (object == nullptr) {
    return invalid_fields({{{"body"}, "Input should be a valid dictionary", "dict_type"}});
  }
  const boost::json::value* level = object->if_contains("level");
  if (level == nullptr) return invalid_fields({{{"body", "level"}, "Field required", "missing"}});
  if (!level->is_string()) {
    return invalid_fields({{{"body", "level"}, "Input should be a valid string", "string_type"}});
  }
  if (const auto known = telemetry::parse_log_level(level->get_string())) return *known;
  constexpr std::size_t kShown = 40;
  const std::string_view text = level->get_string();
  return invalid_fields({{{"body", "level"},
                          "level is '" + std::string{text.substr(0, kShown)} +
                              "'; allowed are debug, info, warning, error and off",
                          "enum"}});
}

// The line that tells of the change is written at the more talkative of both levels.
awaitable<Response> set_log(Services& services, Request& request) {
  const Result<boost::json::value> body = json_body(request);
  if (!body) co_return error_response(body.error());
  const Result<telemetry::LogLevel> level = read_level(*body);
  if (!level) co_return error_response(level.error());
  const telemetry::LogLevel before = services.log.level();
  services.log.set_level(std::min(before, *level));
  services.log.info("log level changed", {{"request_id", request.request_id},
                                          {"from", name_of(before)},
                                          {"to", name_of(*level)},
                                          {"trace_id", telemetry::LoggedTrace(span_of(request))}});
  services.log.set_level(*level);
  co_return json_response(log_json(services.log));
}

const char kLogSchema[] = R"({"type":"object","required":["level","format"],"properties":{)"
                          R"("level":{"type":"string","enum":["debug","info","warning","error","off"]},)"
                          R"("format":{"type":"string","enum":["text","json"]}}})";
const char kLogChangeSchema[] =
    R"({"type":"object","required":["level"],"properties":{)"
    R"("level":{"type":"string","enum":["debug","info","warning","error","off"]}}})";
const char kStatusSchema[] =
    R"({"type":"object","required":["status"],"properties":{"status":{"type":"string"}}})";
const char kVersionSchema[] =
    R"({"type":"object","required":["name","version","revision","store","queue","domain"],"properties":{)"
    R"("name":{"type":"string"},"version":{"type":"string"},"revision":{"type":"string"},)"
    R"("store":{"type":"string"},"queue":{"type":"string"},"domain":{"type":"string"}}})";

}  // namespace

std::vector<Route> system_routes(Services& services) {
  std::vector<Route> routes;
  routes.push_back({.method = Method::kGet,
                    .path = "/health/live",
                    .handle = bind_handler(services, live),
                    .operation = "health_live",
                    .tag = "system",
                    .summary = "The process answers",
                    .answers = {{200, "Alive", kStatusSchema}},
                    .open = true});
  routes.push_back({.method = Method::kGet,
                    .path = "/health/ready",
                    .handle = bind_handler(services, ready),
                    .operation = "health_ready",
                    .tag = "system",
                    .summary = "The store answers and a model is loaded",
                    .answers = {{200, "Ready", kStatusSchema}, {503, "Not ready", schema_of("Error")}},
                    .open = true});
  routes.push_back({.method = Method::kGet,
                    .path = "/version",
                    .handle = bind_handler(services, version),
                    .operation = "version",
                    .tag = "system",
                    .summary = "Version, revision, store and queue",
                    .answers = {{200, "The program", kVersionSchema}}});
  routes.push_back({.method = Method::kGet,
                    .path = "/metrics",
                    .handle = bind_handler(services, metrics),
                    .operation = "metrics",
                    .tag = "system",
                    .summary = "Prometheus text format",
                    .answers = {{200, "Metrics", R"({"type":"string"})", "text/plain"}}});
  routes.push_back({.method = Method::kGet,
                    .path = "/log",
                    .handle = bind_handler(services, get_log),
                    .operation = "get_log",
                    .tag = "system",
                    .summary = "How much this process logs",
                    .answers = {{200, "Level and format", kLogSchema}}});
  routes.push_back({.method = Method::kPut,
                    .path = "/log",
                    .handle = bind_handler(services, set_log),
                    .operation = "set_log",
                    .tag = "system",
                    .summary = "Log more or less, until the process ends",
                    .body_schema = kLogChangeSchema,
                    .answers = {{200, "Level and format as they are now", kLogSchema}}});
  return routes;
}

}  // namespace rankloop::http
