// The handlers of the loop: once, and as a stream.
#include "http/routes/loop.h"

#include <chrono>
#include <utility>

#include "http/routes/schemas.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

constexpr std::chrono::seconds kEvery{2};

const char kLoopSchema[] =
    R"({"type":"object","required":["at","window_seconds","waiting","lists","new_outcomes","needs","arrows"],"properties":{)"
    R"("at":{"type":"string","format":"date-time"},"window_seconds":{"type":"number"},)"
    R"("waiting":{"type":"integer"},"lists":{"type":"object","required":["shown","picked","none"],"properties":{)"
    R"("shown":{"type":"integer"},"picked":{"type":"integer"},"none":{"type":"integer"}}},)"
    R"("needs":{"type":"object","required":["outcomes","outcomes_at_least","training","gate"],"properties":{)"
    R"("outcomes":{"type":"integer"},"outcomes_at_least":{"type":"boolean"},"training":{"type":"integer"},)"
    R"("gate":{"type":"integer"}}},"new_outcomes":{"type":"integer"},"arrows":{"type":"array","items":{"type":"object",)"
    R"("required":["from","to","per_second","lag_seconds","lag_p95_seconds","lag_of","health","says"],)"
    R"("properties":{"from":{"type":"string"},"to":{"type":"string"},"per_second":{"type":"number"},)"
    R"("lag_seconds":{"type":["number","null"]},"lag_p95_seconds":{"type":["number","null"]},)"
    R"("lag_of":{"type":"string"},"health":{"type":"string","enum":["well","still","attention","broken"]},)"
    R"("says":{"type":"string"}}}}}})";

awaitable<Result<app::LoopReport>> read_loop(Services& services) {
  co_return co_await blocking_result<app::LoopReport>(services.reads,
                                                      [&loop = services.app.loop] { return loop.report(); });
}

awaitable<Response> loop(Services& services, Request&) {
  const auto report = co_await read_loop(services);
  co_return report ? json_response(app::to_json(*report)) : error_response(report.error());
}

// A report now and every two seconds, for as long as somebody listens.
awaitable<Response> events(Services& services, Request&) {
  const auto first = co_await read_loop(services);
  if (!first) co_return error_response(first.error());
  Response response;
  response.content_type = "text/event-stream";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.stream = [&services, begun = false]() mutable -> awaitable<std::string> {
    // Nobody calls back: this is how a handler waits.
    if (std::exchange(begun, true)) (void)co_await callback_result<int>(kEvery, [](auto) {});
    const auto report = co_await read_loop(services);
    if (!report) co_return ": " + std::string{name_of(report.error().code)} + "\n\n";
    co_return "event: loop\ndata: " + app::to_json(*report) + "\n\n";
  };
  co_return response;
}

}  // namespace

std::vector<Route> loop_routes(Services& services) {
  std::vector<Route> routes;
  routes.push_back(
      {.method = Method::kGet,
       .path = "/monitoring/loop",
       .handle = bind_handler(services, loop),
       .operation = "loop",
       .tag = "monitoring",
       .summary =
           "How much flows from each step of the loop to the next, how long it takes, whether it is well",
       .description =
           "Read from the ledger. The arrows that requests pass count the last 5 to 60 seconds "
           "(`window_seconds`): as long as the newest 30 requests took to come, of the newest 1,000. "
           "Trainings, "
           "judgements and promotions count a day. Lags are the median and the 95th percentile of the "
           "newest. "
           "`health` is well, still (nothing flows, nothing is wrong), attention (worth a look) or broken; "
           "`says` "
           "tells why. At most a second old.",
       .answers = {{200, "The loop", kLoopSchema}}});
  routes.push_back(
      {.method = Method::kGet,
       .path = "/monitoring/loop/events",
       .handle = bind_handler(services, events),
       .operation = "loop_events",
       .tag = "monitoring",
       .summary = "The same as Server-Sent Events, every two seconds",
       .answers = {{200, "A stream of events", event_stream("loop", "What GET /monitoring/loop answers"),
                    "text/event-stream"}},
       .counted_as_waiting = true});
  return routes;
}

}  // namespace rankloop::http
