// The handlers of the log's level.
#include "http/routes/log.h"

#include <algorithm>
#include <string>

#include "domain/json_writer.h"
#include "http/routes/inputs.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

std::string log_json(const telemetry::Logger& log) {
  std::string out;
  JsonWriter json{out};
  json.begin_object().key("level").word(name_of(log.level())).key("format").word(name_of(log.format()));
  json.end_object();
  return out;
}

awaitable<Response> get_log(telemetry::Logger& log, Request&) {
  co_return json_response(log_json(log));
}

const ChoiceInput kLevel{
    .name = "level",
    .help = {},
    .words = {"debug", "info", "warning", "error", "off"},
    .example = "info",
    .refusal =
        ChoiceRefusal{.before = "level is ", .quotes = true, .after = "; allowed are ", .last = " and "}};

Result<telemetry::LogLevel> read_level(const boost::json::value& body) {
  BodyReader reader{body};
  const auto level = telemetry::parse_log_level(reader.read(kLevel));
  if (const Status read = reader.status(); !read) return read.error();
  return *level;
}

// The line that tells of the change is written if either level writes it.
awaitable<Response> set_log(telemetry::Logger& log, Request& request) {
  const Result<boost::json::value> body = json_body(request);
  if (!body) co_return error_response(body.error());
  const Result<telemetry::LogLevel> level = read_level(*body);
  if (!level) co_return error_response(level.error());
  const telemetry::LogLevel before = log.level();
  log.set_level(std::min(before, *level));
  log.info("log level changed", {{"request_id", request.request_id},
                                 {"from", name_of(before)},
                                 {"to", name_of(*level)},
                                 {"trace_id", telemetry::LoggedTrace(span_of(request))}});
  log.set_level(*level);
  co_return json_response(log_json(log));
}

const char kLogSchema[] = R"({"type":"object","required":["level","format"],"properties":{)"
                          R"("level":{"type":"string","enum":["debug","info","warning","error","off"]},)"
                          R"("format":{"type":"string","enum":["text","json"]}}})";

}  // namespace

std::vector<Route> log_routes(telemetry::Logger& log) {
  std::vector<Route> routes;
  routes.push_back({.method = Method::kGet,
                    .path = "/log",
                    .handle = [&log](Request& request) { return get_log(log, request); },
                    .operation = "get_log",
                    .tag = "system",
                    .summary = "How much this process logs",
                    .answers = {{200, "Level and format", kLogSchema}}});
  routes.push_back({.method = Method::kPut,
                    .path = "/log",
                    .handle = [&log](Request& request) { return set_log(log, request); },
                    .operation = "set_log",
                    .tag = "system",
                    .summary = "Log more or less, until the process ends",
                    .body_schema = body_schema({kLevel.name}, {in_body(kLevel)}),
                    .answers = {{200, "Level and format as they are now", kLogSchema}},
                    .max_body = kSmallBody});
  return routes;
}

}  // namespace rankloop::http
