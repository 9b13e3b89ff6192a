// The handlers of the guests of demo mode.
#include "http/routes/simulate.h"

#include <boost/json/serialize.hpp>

#include "http/routes/inputs.h"
#include "http/routes/schemas.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

const RealInput kRate{.name = "rate",
                      .help = "Journeys a second",
                      .minimum = 0.1,
                      .maximum = 200,
                      .example = 5,
                      .unit = "journeys a second",
                      .missing = "is required"};
const char kGuestsSchema[] =
    R"({"type":"object","required":["available","reason","running","rate","journeys","picked","none","failed",)"
    R"("fault"],"properties":{"available":{"type":"boolean"},"reason":{"type":["string","null"]},)"
    R"("running":{"type":"boolean"},"rate":{"type":"number"},"journeys":{"type":"integer"},)"
    R"("picked":{"type":"integer"},"none":{"type":"integer"},"failed":{"type":"integer"},)"
    R"("fault":{"type":["string","null"]}}})";

Response told(const Services& services) {
  const GuestTrafficState state = services.guests.state();
  const auto text = [](const std::string& words) {
    return words.empty() ? boost::json::value(nullptr) : boost::json::value(words);
  };
  return json_response(boost::json::serialize(boost::json::object{{"available", state.refusal.empty()},
                                                                  {"reason", text(state.refusal)},
                                                                  {"running", state.running},
                                                                  {"rate", state.rate},
                                                                  {"journeys", state.journeys},
                                                                  {"picked", state.picked},
                                                                  {"none", state.none},
                                                                  {"failed", state.failed},
                                                                  {"fault", text(state.fault)}}));
}

awaitable<Response> get(Services& services, Request&) {
  co_return told(services);
}

Result<double> read_rate(const Request& request) {
  const Result<boost::json::value> body = json_body(request);
  if (!body) return body.error();
  BodyReader reader{*body};
  const double rate = reader.read(kRate);
  if (const Status read = reader.status(); !read) return read.error();
  return rate;
}

awaitable<Response> start(Services& services, Request& request) {
  const Result<double> rate = read_rate(request);
  if (!rate) co_return error_response(rate.error());
  const Status started = services.guests.start(*rate);
  co_return started ? told(services) : error_response(started.error());
}

awaitable<Response> stop(Services& services, Request&) {
  services.guests.stop();
  co_return told(services);
}

}  // namespace

std::vector<Route> simulate_routes(Services& services) {
  std::vector<Route> routes;
  routes.push_back({.method = Method::kGet,
                    .path = "/simulate",
                    .handle = bind_handler(services, get),
                    .operation = "simulated_guests",
                    .tag = "simulate",
                    .summary = "Whether simulated guests come, how many have come, and what they chose",
                    .description =
                        "Counted since the server started. They come in demo mode only: `reason` says "
                        "why there are none.",
                    .answers = {{200, "The guests", kGuestsSchema}}});
  routes.push_back({.method = Method::kPost,
                    .path = "/simulate/start",
                    .handle = bind_handler(services, start),
                    .operation = "start_simulated_guests",
                    .tag = "simulate",
                    .summary = "Let simulated guests come at a rate, or change the rate",
                    .body_schema = body_schema({kRate.name}, {in_body(kRate)}),
                    .answers = {{200, "The guests", kGuestsSchema},
                                {403,
                                 "The server does not run in demo mode, or ranks something else than the "
                                 "built-in places to stay",
                                 schema_of("Error")}},
                    .max_body = kSmallBody});
  routes.push_back({.method = Method::kPost,
                    .path = "/simulate/stop",
                    .handle = bind_handler(services, stop),
                    .operation = "stop_simulated_guests",
                    .tag = "simulate",
                    .summary = "Let no more simulated guests come",
                    .answers = {{200, "The guests", kGuestsSchema}}});
  return routes;
}

}  // namespace rankloop::http
