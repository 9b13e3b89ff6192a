// The handlers of imports, and their table.
#include "http/routes/imports.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/serialize.hpp>

#include "http/openapi.h"
#include "http/routes/examples.h"
#include "http/routes/inputs.h"
#include "http/routes/schemas.h"
#include "http/routes/table_inputs.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

const TextInput kIdColumn{.name = "id_column",
                          .help = "The column or key of the ids, where it is not named as in the domain"};
const FlagInput kNumberRows{.name = "number_rows", .help = "Give rows that bring no id the next free one"};
const FlagInput kSkipBad{.name = "skip_bad",
                         .help = "Pass over bad rows and tell them in the answer, instead of refusing all"};
const FlagInput kStrict{.name = "strict",
                        .help = "Refuse what has names that nobody knows, instead of leaving them out"};

// The Content-Types of an import, in the order of its examples.
constexpr std::array<std::pair<std::string_view, app::ImportFormat>, 4> kFormats = {{
    {"text/csv", app::ImportFormat::kCsv},
    {"text/tab-separated-values", app::ImportFormat::kTsv},
    {"application/x-ndjson", app::ImportFormat::kJsonLines},
    {"application/jsonl", app::ImportFormat::kJsonLines},
}};

std::optional<app::ImportFormat> format_of(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find_first_of("; "));
  for (const auto& [name, format] : kFormats) {
    if (name == type) return format;
  }
  return std::nullopt;
}

std::vector<std::string> import_types() {
  std::vector<std::string> types;
  for (const auto& [name, format] : kFormats) types.emplace_back(name);
  return types;
}

awaitable<Response> import(Services& services, Request& request) {
  const auto format = format_of(request.header("Content-Type"));
  if (!format)
    co_return error_response({ErrorCode::kInvalidArgument, "the body's Content-Type is not known"});
  QueryReader query{request};
  app::ImportOptions options{.format = *format,
                             .id_column = query.read(kIdColumn),
                             .number_rows = query.read(kNumberRows),
                             .strict = query.read(kStrict)};
  options.separator = read_separator(query);
  options.text = text_options(services, request, query);
  options.skip_bad = query.read(kSkipBad);
  if (const Status status = query.status(); !status) co_return error_response(status.error());
  const tables::Bytes body = request.take_body();
  const auto report = co_await blocking_result<app::ImportReport>(
      services.catalog_changes, [&catalog = services.app.catalog, body, options, stop = services.ending] {
        return catalog.import(body, options, {{}, stop});
      });
  if (!report) co_return error_response(report.error());
  co_return json_response(boost::json::serialize(app::to_json(*report)));
}

awaitable<Response> import_history(Services& services, Request& request) {
  QueryReader query{request};
  const app::HistoryOptions options{.strict = query.read(kStrict),
                                    .skip_bad = query.read(kSkipBad),
                                    .text = text_options(services, request, query)};
  if (const Status status = query.status(); !status) co_return error_response(status.error());
  const tables::Bytes body = request.take_body();
  const auto report = co_await blocking_result<app::HistoryReport>(
      services.history_imports, [&history = services.app.history, body, options, stop = services.ending] {
        return history.import(body, options, stop);
      });
  co_return report ? json_response(boost::json::serialize(app::to_json(*report)))
                   : error_response(report.error());
}

constexpr std::string_view kWhatWasRead =
    R"("unknown_fields":{"type":"integer","description":"How many fields were left out, because nobody knows them"},)"
    R"("unknown":{"type":"array","description":"Their names","items":{"type":"object",)"
    R"("required":["name","count","nearest"],"properties":{"name":{"type":"string"},"count":{"type":"integer"},)"
    R"("nearest":{"type":["string","null"],"description":"A known name that may be meant"}}}},)"
    R"("bad_rows":{"type":"integer","description":"How many rows were passed over, with skip_bad"},)"
    R"("bad":{"type":"array","description":"Where they begin, and why they are bad","items":{"type":"object",)"
    R"("required":["line","reason"],"properties":{"line":{"type":"integer"},"reason":{"type":"string"}}}},)"
    R"("encoding":{"type":"string","description":"How the text was encoded"},)"
    R"("compression":{"type":"string","enum":["none","gzip","zstd"]})";

std::string report_schema() {
  return R"({"type":"object","required":["rows","created","updated","catalog_version","unknown_fields","unknown","bad_rows","bad",)"
         R"("encoding","compression","repeated_headers","separator","seconds","rows_per_second"],)"
         R"("properties":{"rows":{"type":"integer"},"created":{"type":"integer"},"updated":{"type":"integer"},)"
         R"("catalog_version":{"type":"integer"},)"
         R"("repeated_headers":{"type":"integer","description":"How often the header stood between rows"},)"
         R"("separator":{"type":["string","null"],"description":"What separates the cells of a table"},)"
         R"("seconds":{"type":"number","description":"Until all were stored"},"rows_per_second":{"type":"number"},)" +
         std::string{kWhatWasRead} + "}}";
}

std::string history_report_schema() {
  return R"({"type":"object","required":["requests","repeated","unknown_fields","unknown","bad_rows","bad","encoding",)"
         R"("compression"],"properties":{)"
         R"("requests":{"type":"integer"},)"
         R"("repeated":{"type":"integer","description":"Left out: imported before, under the same id"},)" +
         std::string{kWhatWasRead} + "}}";
}

}  // namespace

std::vector<Route> import_routes(Services& services) {
  const ExampleItem example = example_item(services);
  std::vector<Route> routes;
  routes.push_back({.method = Method::kPost,
                    .path = "/items:import",
                    .handle = bind_handler(services, import),
                    .operation = "import_items",
                    .tag = "items",
                    .summary = "Import many items, all or none: CSV, TSV or JSON lines",
                    .description =
                        "A row with a known id replaces that item; one without an id is refused, unless "
                        "`number_rows` gives it the next free one. A table's separator may be a comma, a "
                        "semicolon, a tab or a bar. The body may be packed by gzip or zstd, and its text "
                        "encoded in UTF-8, UTF-16 or Latin-1. The answer comes when the items serve.",
                    .parameters = {in_query(kIdColumn), in_query(kNumberRows), in_query(kStrict),
                                   in_query(kSeparator), in_query(kEncoding), in_query(kSkipBad)},
                    .body_schema = R"({"type":"string","format":"binary"})",
                    .body_types = import_types(),
                    .body_examples = import_examples(services.domain, example),
                    .answers = {{200, "What was imported", report_schema()}},
                    .max_body = services.max_import,
                    .stores_body = true});
  const std::string line = history_example(services.domain, example);
  routes.push_back(
      {.method = Method::kPost,
       .path = "/history:import",
       .handle = bind_handler(services, import_history),
       .operation = "import_history",
       .tag = "training",
       .summary = "Import what another system showed and what was picked there, to learn from",
       .description =
           "JSON lines: {\"id\": text, \"request\": {...}, \"shown\": [ids, best first], "
           "\"picked\": [ids, or {\"item\": id, "
           "\"weight\": people, \"gain\": what it was worth}, or {\"item\": id, \"kind\": one of the "
           "domain's, \"value\": number}], \"user_key\": text or number, "
           "\"at\": time}. An empty `picked` is the outcome none "
           "chosen, no `picked` is no outcome. All lines are checked before the "
           "first is written; then they are written "
           "in portions. A request with an `id` is imported once, however often it "
           "comes; under the same id another request is refused. `propensities` are kept, "
           "one for each item shown.",
       .parameters = {in_query(kStrict), in_query(kEncoding), in_query(kSkipBad)},
       .body_schema = R"({"type":"string","format":"binary"})",
       .body_types = {"application/x-ndjson", "application/jsonl"},
       .body_examples = {line, line},
       .answers = {{200, "How many requests were imported", history_report_schema()}},
       .max_body = services.max_import,
       .stores_body = true});
  return routes;
}

}  // namespace rankloop::http
