#include "http/routes/system.h"

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

awaitable<Response> system(Services& services, Request&) {
  auto text = co_await blocking_result<std::string>(
      services.reads, services.inbox, [&services] { return Result<std::string>(services.system.json()); });
  co_return text ? json_response(*std::move(text)) : error_response(text.error());
}

awaitable<Response> settings(Services& services, Request&) {
  co_return json_response(services.settings);
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

const char kStatusSchema[] =
    R"({"type":"object","required":["status"],"properties":{"status":{"type":"string"}}})";
const char kVersionSchema[] =
    R"({"type":"object","required":["name","version","revision","store","queue","domain"],"properties":{)"
    R"("name":{"type":"string"},"version":{"type":"string"},"revision":{"type":"string"},)"
    R"("store":{"type":"string"},"queue":{"type":"string"},"domain":{"type":"string"}}})";

const char kSystemSchema[] =
    R"({"type":"object","required":["version","revision","domain","demo","workers","at","uptime_seconds",)"
    R"("process","store","queue","tasks"],"properties":{"version":{"type":"string"},)"
    R"("revision":{"type":"string"},"domain":{"type":"string"},"demo":{"type":"boolean"},)"
    R"("workers":{"type":"integer"},"at":{"type":"string","format":"date-time"},)"
    R"("uptime_seconds":{"type":"number"},"process":{"type":"object","required":["resident_bytes",)"
    R"("virtual_bytes","cpu_seconds","threads","open_files","most_files"]},)"
    R"("store":{"type":"object","required":["kind","fault","bytes","waiting_writes","requests","users",)"
    R"("catalog_version"],"properties":{"kind":{"type":"string"},"fault":{"type":["string","null"]},)"
    R"("bytes":{"type":["integer","null"]}}},"queue":{"type":"object","required":["kind","fault",)"
    R"("announced","dropped","dead_letters","connections"],"properties":{"kind":{"type":"string"},)"
    R"("fault":{"type":["string","null"]}}},"tasks":{"type":"object"}}})";
const char kSettingsSchema[] =
    R"({"type":"array","items":{"type":"object","required":["key","value","default","from","secret","help"],)"
    R"("properties":{"key":{"type":"string"},"value":{"type":"string"},"default":{"type":"string"},)"
    R"("from":{"type":"string","enum":["default","file","environment","command line"]},)"
    R"("secret":{"type":"boolean"},"help":{"type":"string"}}}})";

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
                    .path = "/system",
                    .handle = bind_handler(services, system),
                    .operation = "system_state",
                    .tag = "system",
                    .summary = "Memory, files, store, queue and waiting tasks of this process",
                    .description =
                        "A `fault` says why the store or the queue does not answer. `bytes` of a store "
                        "elsewhere are not known.",
                    .answers = {{200, "The state", kSystemSchema}}});
  routes.push_back(
      {.method = Method::kGet,
       .path = "/settings",
       .handle = bind_handler(services, settings),
       .operation = "settings",
       .tag = "system",
       .summary = "Every setting: its value, its default, where it was taken from, what it is for",
       .description = "Secrets and passwords in addresses are answered as ***.",
       .answers = {{200, "The settings, in the order of the sample file", kSettingsSchema}}});
  routes.push_back({.method = Method::kGet,
                    .path = "/metrics",
                    .handle = bind_handler(services, metrics),
                    .operation = "metrics",
                    .tag = "system",
                    .summary = "Prometheus text format",
                    .answers = {{200, "Metrics", R"({"type":"string"})", "text/plain"}}});
  return routes;
}

}  // namespace rankloop::http
