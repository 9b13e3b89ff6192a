// The handlers that every process has: health, version, metrics.
#include "http/routes/system.h"

#include "domain/json_writer.h"
#include "http/routes/log.h"
#include "http/routes/schemas.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

awaitable<Response> live(SystemServices&, Request&) {
  co_return json_response(R"({"status":"ok"})");
}

awaitable<Response> ready(SystemServices& services, Request&) {
  const auto outcome =
      co_await blocking_result<void>(services.reads, [&services] { return services.ready(); });
  co_return outcome ? json_response(R"({"status":"ready"})") : error_response(outcome.error());
}

awaitable<Response> version(SystemServices& services, Request&) {
  std::string out;
  JsonWriter json{out};
  json.begin_object().key("name").word("rankloop");
  json.key("version").word(services.version).key("revision").word(services.revision);
  json.key("store").word(services.store_kind).key("queue").word(services.queue_kind);
  json.key("domain").word(services.domain.name).end_object();
  co_return json_response(std::move(out));
}

awaitable<Response> metrics(SystemServices& services, Request&) {
  // It asks the store, which may be a server elsewhere.
  auto text = co_await blocking_result<std::string>(
      services.reads, [&services] { return Result<std::string>(services.metrics.text()); });
  if (!text) co_return error_response(text.error());
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = *std::move(text);
  co_return response;
}

const char kStatusSchema[] =
    R"({"type":"object","required":["status"],"properties":{"status":{"type":"string"}}})";
const char kVersionSchema[] =
    R"({"type":"object","required":["name","version","revision","store","queue","domain"],"properties":{)"
    R"("name":{"type":"string"},"version":{"type":"string"},"revision":{"type":"string"},)"
    R"("store":{"type":"string"},"queue":{"type":"string"},"domain":{"type":"string"}}})";

}  // namespace

std::vector<Route> system_routes(SystemServices& services) {
  std::vector<Route> routes;
  routes.push_back({.method = Method::kGet,
                    .path = "/health/live",
                    .handle = bind_handler(services, live),
                    .operation = "health_live",
                    .tag = "system",
                    .summary = "The process answers",
                    .answers = {{200, "Alive", kStatusSchema}},
                    .role = Role::kNone,
                    .vital = true});
  routes.push_back({.method = Method::kGet,
                    .path = "/health/ready",
                    .handle = bind_handler(services, ready),
                    .operation = "health_ready",
                    .tag = "system",
                    .summary = "The store answers and a model is loaded",
                    .answers = {{200, "Ready", kStatusSchema}, {503, "Not ready", schema_of("Error")}},
                    .role = Role::kNone,
                    .vital = true});
  routes.push_back({.method = Method::kGet,
                    .path = "/version",
                    .handle = bind_handler(services, version),
                    .operation = "version",
                    .tag = "system",
                    .summary = "Version, revision, store and queue",
                    .answers = {{200, "The program", kVersionSchema}}});
  routes.push_back(
      {.method = Method::kGet,
       .path = "/metrics",
       .handle = bind_handler(services, metrics),
       .operation = "metrics",
       .tag = "system",
       .summary = "Prometheus text format",
       .answers = {{200, "Metrics", R"({"type":"string","examples":["rankloop_http_requests_total 17\\n"]})",
                    "text/plain"}}});
  for (Route& route : log_routes(services.log)) routes.push_back(std::move(route));
  return routes;
}

}  // namespace rankloop::http
