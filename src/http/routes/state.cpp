// The handlers of the system's state and of the settings.
#include "http/routes/state.h"

#include "http/routes/schemas.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

awaitable<Response> system(Services& services, Request&) {
  auto text = co_await blocking_result<std::string>(
      services.reads, [&services] { return Result<std::string>(services.app.system.json()); });
  co_return text ? json_response(*std::move(text)) : error_response(text.error());
}

awaitable<Response> settings(Services& services, Request&) {
  co_return json_response(services.settings);
}

const char kSystemSchema[] =
    R"({"type":"object","required":["version","revision","domain","demo","workers","at","uptime_seconds",)"
    R"("process","store","queue","tasks"],"properties":{"version":{"type":"string"},)"
    R"("revision":{"type":"string"},"domain":{"type":"string"},"demo":{"type":"boolean"},)"
    R"("workers":{"type":"integer"},"at":{"type":"string","format":"date-time"},)"
    R"("uptime_seconds":{"type":"number"},"process":{"type":"object","required":["resident_bytes",)"
    R"("virtual_bytes","cpu_seconds","threads","open_files","most_files"],)"
    R"("properties":{"resident_bytes":{"type":"integer"},"virtual_bytes":{"type":"integer"},)"
    R"("cpu_seconds":{"type":"number"},"threads":{"type":"integer"},"open_files":{"type":"integer"},)"
    R"("most_files":{"type":"integer"}}},)"
    R"("store":{"type":"object","required":["kind","fault","bytes","waiting_writes","requests","users",)"
    R"("catalog_version"],"properties":{"kind":{"type":"string"},"fault":{"type":["string","null"]},)"
    R"("bytes":{"type":["integer","null"]},"waiting_writes":{"type":"integer"},"requests":{"type":"integer"},)"
    R"("users":{"type":"integer"},"catalog_version":{"type":"integer"}}},"queue":{"type":"object","required":["kind","fault",)"
    R"("announced","dropped","dead_letters","connections"],"properties":{"kind":{"type":"string"},)"
    R"("fault":{"type":["string","null"]},"announced":{"type":"integer"},"dropped":{"type":"integer"},)"
    R"("dead_letters":{"type":"integer"},"connections":{"type":"integer"}}},"tasks":{"type":"object"}}})";
const char kSettingsSchema[] =
    R"({"type":"array","items":{"type":"object","required":["key","value","default","from","secret","help"],)"
    R"("properties":{"key":{"type":"string"},"value":{"type":"string"},"default":{"type":"string"},)"
    R"("from":{"type":"string","enum":["default","file","environment","command line"]},)"
    R"("secret":{"type":"boolean"},"help":{"type":"string"}}}})";

}  // namespace

std::vector<Route> state_routes(Services& services) {
  std::vector<Route> routes;
  routes.push_back({.method = Method::kGet,
                    .path = "/system",
                    .handle = bind_handler(services, system),
                    .operation = "system_state",
                    .tag = "system",
                    .summary = "Memory, files, store, queue and waiting tasks of this process",
                    .description =
                        "A `fault` says why the store or the queue does not answer. `bytes` is what the "
                        "store takes on its disk.",
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
  return routes;
}

}  // namespace rankloop::http
