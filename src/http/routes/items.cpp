// The handlers that change the catalog or search it, and their table.
#include "http/routes/items.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/serialize.hpp>

#include "http/openapi.h"
#include "http/routes/examples.h"
#include "http/routes/inputs.h"
#include "http/routes/keep.h"
#include "http/routes/schemas.h"
#include "http/routes/views.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

// Bodies are shared with the blocking pool: the work may outlive a request whose client has gone.
using SharedBody = std::shared_ptr<const boost::json::value>;

awaitable<Result<boost::json::value>> read_item(Services& services, Request& request) {
  return read_json<boost::json::value>(services.reads, request, [](boost::json::value& body) {
    return Result<boost::json::value>(std::move(body));
  });
}

awaitable<Response> add(Services& services, Request& request) {
  Result<boost::json::value> parsed = co_await read_item(services, request);
  if (!parsed) co_return error_response(parsed.error());
  const SharedBody body = std::make_shared<const boost::json::value>(*std::move(parsed));
  const auto item = co_await blocking_result<app::Item>(
      services.catalog_changes, [&services, body, key = request.idempotency] {
        return services.app.catalog.add(*body, [&services, &key](const app::Item& added) {
          return keep_for<std::int64_t>(
              key, [text = item_json(services.domain, added)](const std::int64_t&, app::KeptAnswer& kept) {
                kept.status = 201;
                kept.body = text;
              });
        });
      });
  if (!item) co_return error_response(item.error());
  co_return kept_response(request, item, item_json(services.domain, *item), 201);
}

awaitable<Response> change(Services& services, Request& request) {
  const auto id = number_in_path(request, "There is no such " + services.domain.item.one);
  if (!id) co_return error_response(id.error());
  Result<boost::json::value> parsed = co_await read_item(services, request);
  if (!parsed) co_return error_response(parsed.error());
  const SharedBody body = std::make_shared<const boost::json::value>(*std::move(parsed));
  const auto item = co_await blocking_result<app::Item>(
      services.catalog_changes,
      [&catalog = services.app.catalog, id = *id, body] { return catalog.change({id}, *body); });
  co_return item ? json_response(item_json(services.domain, *item)) : error_response(item.error());
}

awaitable<Response> remove(Services& services, Request& request) {
  const auto id = number_in_path(request, "There is no such " + services.domain.item.one);
  if (!id) co_return error_response(id.error());
  const auto outcome = co_await blocking_result<void>(
      services.catalog_changes, [&catalog = services.app.catalog, id = *id] { return catalog.remove({id}); });
  if (!outcome) co_return error_response(outcome.error());
  co_return Response{.status = 204, .content_type = ""};
}

const TextInput kSearch{
    .name = "q",
    .help =
        "Words that must all hold: a bound on a number (price<100, also > and =), the name "
        "of a flag that is set, an id or another whole number, a part of a text",
    .most = app::ItemQuery::kMaxCharacters,
    .preset = ""};
const ChoiceInput kOrder{
    .name = "order", .help = "Which way; absent values come last", .words = {"asc", "desc"}, .preset = "asc"};
const FlagInput kUnseen{.name = "unseen", .help = "Only items that none of the newest lists showed"};
const NumberInput kLimit{.name = "limit", .help = "Rows at most", .maximum = 200, .preset = 25};
const NumberInput kOffset{
    .name = "offset", .help = "Rows to pass over", .minimum = 0, .maximum = 1LL << 40, .preset = 0};
const TextInput kIdColumn{.name = "id_column",
                          .help = "The column or key of the ids, where it is not named as in the domain"};
const FlagInput kNumberRows{.name = "number_rows", .help = "Give rows that bring no id the next free one"};
const FlagInput kStrict{.name = "strict",
                        .help = "Refuse what has names that nobody knows, instead of leaving them out"};

std::string page_json(const Domain& domain, const app::ItemSearchPage& page) {
  std::string out;
  JsonWriter json{out};
  json.begin_object().key("items").begin_array();
  for (const app::FoundItem& found : page.items) {
    json.begin_object().key("item").json(item_json(domain, found.item));
    json.key("shown").integer(found.counts.shown).key("picked").integer(found.counts.picked).end_object();
  }
  json.end_array().key("total").integer(page.total).key("complete").flag(page.complete);
  json.key("looked_at").integer(page.looked_at).key("catalog").integer(page.catalog);
  json.key("unseen").integer(page.unseen).key("lists").integer(page.lists).end_object();
  return out;
}

// Those of this domain.
std::vector<std::string> orders_of(const Services& services) {
  return app::ItemSearch::orders(*services.app.serving.current()->catalog);
}

awaitable<Response> search(Services& services, Request& request) {
  QueryReader query{request};
  app::ItemSearchRequest wanted;
  wanted.q = request.parameter(kSearch.name).value_or("");  // its length is the search's own to judge
  const std::vector<std::string> orders = orders_of(services);
  wanted.sort = query.read(app::ItemSearch::sort_input(orders)).value_or("");
  wanted.descending = query.read(kOrder) == "desc";
  wanted.unseen = query.read(kUnseen);
  wanted.offset = query.read(kOffset);
  wanted.limit = query.read(kLimit);
  if (const Status fault = query.status(); !fault) co_return error_response(fault.error());
  const auto page = co_await blocking_result<app::ItemSearchPage>(
      services.searches, [&search = services.app.item_search, wanted] { return search.find(wanted); });
  co_return page ? json_response(page_json(services.domain, *page)) : error_response(page.error());
}

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
  if (const Status status = query.status(); !status) co_return error_response(status.error());
  const auto text = std::make_shared<const std::string>(std::move(request.body));
  const auto report = co_await blocking_result<app::ImportReport>(
      services.catalog_changes, [&catalog = services.app.catalog, text, options, stop = services.ending] {
        return catalog.import(*text, options, {{}, stop});
      });
  if (!report) co_return error_response(report.error());
  co_return json_response(boost::json::serialize(app::to_json(*report)));
}

awaitable<Response> import_history(Services& services, Request& request) {
  QueryReader query{request};
  const bool strict = query.read(kStrict);
  if (const Status status = query.status(); !status) co_return error_response(status.error());
  const auto text = std::make_shared<const std::string>(std::move(request.body));
  const auto report = co_await blocking_result<app::HistoryReport>(
      services.history_imports, [&history = services.app.history, text, strict, stop = services.ending] {
        return history.import(*text, strict, stop);
      });
  co_return report ? json_response(boost::json::serialize(app::to_json(*report)))
                   : error_response(report.error());
}

constexpr std::string_view kUnknownSchema =
    R"("unknown_fields":{"type":"integer","description":"How many fields were left out, because nobody knows them"},)"
    R"("unknown":{"type":"array","description":"Their names","items":{"type":"object",)"
    R"("required":["name","count","nearest"],"properties":{"name":{"type":"string"},"count":{"type":"integer"},)"
    R"("nearest":{"type":["string","null"],"description":"A known name that may be meant"}}}})";

std::string report_schema() {
  return R"({"type":"object","required":["rows","created","updated","catalog_version","unknown_fields","unknown"],)"
         R"("properties":{"rows":{"type":"integer"},"created":{"type":"integer"},"updated":{"type":"integer"},)"
         R"("catalog_version":{"type":"integer"},)" +
         std::string{kUnknownSchema} + "}}";
}

std::string history_report_schema() {
  return R"({"type":"object","required":["requests","repeated","unknown_fields","unknown"],"properties":{)"
         R"("requests":{"type":"integer"},)"
         R"("repeated":{"type":"integer","description":"Left out: imported before, under the same id"},)" +
         std::string{kUnknownSchema} + "}}";
}

// How GET /items:search is asked.
std::vector<Parameter> search_parameters(const Services& services) {
  const std::vector<std::string> orders = orders_of(services);
  return {in_query(kSearch), in_query(app::ItemSearch::sort_input(orders)),
          in_query(kOrder),  in_query(kUnseen),
          in_query(kLimit),  in_query(kOffset)};
}

std::string found_schema(const std::string& component) {
  return R"({"type":"object","required":["items","total","complete","looked_at","catalog","unseen","lists"],"properties":{)"
         R"("items":{"type":"array","items":{"type":"object","required":["item","shown","picked"],"properties":{"item":)" +
         schema_of(component) +
         R"(,"shown":{"type":"integer"},"picked":{"type":"integer"}}}},"total":{"type":"integer"},)"
         R"("complete":{"type":"boolean"},"looked_at":{"type":"integer"},"catalog":{"type":"integer"},)"
         R"("unseen":{"type":"integer"},"lists":{"type":"integer"}}})";
}

}  // namespace

std::vector<Route> item_routes(Services& services) {
  const std::string component = component_name(services.domain.item.one);
  const ExampleItem example = example_item(services);
  const Parameter id = number_parameter("item_id", "The item's number", example.id);
  const std::string known = "$response.body#/" + services.domain.item_id_field;
  std::vector<Route> routes;
  routes.push_back({.method = Method::kPost,
                    .path = "/items",
                    .handle = bind_handler(services, add),
                    .operation = "add_item",
                    .tag = "items",
                    .summary = "Add an item; without an id it gets the next free one",
                    .body_schema = schema_of(component + "Data"),
                    .answers = {{.status = 201,
                                 .description = "The item",
                                 .schema = schema_of(component),
                                 .headers = {"Idempotency-Replayed"},
                                 .links = {link_to("change_item", "item_id", known),
                                           link_to("delete_item", "item_id", known),
                                           link_to(operation_name("get", services.domain.item.one),
                                                   services.domain.item_id_field, known)}},
                                {409, "There is already one with this id", schema_of("Error")}}});
  routes.push_back(
      {.method = Method::kGet,
       .path = "/items:search",
       .handle = bind_handler(services, search),
       .operation = "search_items",
       .tag = "items",
       .summary = "Find items: words, an order, pages; with how often the newest lists showed each",
       .description =
           "A call looks at stored texts for a second at most. When `complete` is false, `looked_at` of "
           "`catalog` items were seen and `total` is what was found among them; the same call again goes "
           "on. `shown` and `picked` count the newest 20,000 lists (`lists` says how many there are), "
           "`unseen` the items that none of them showed.",
       .parameters = search_parameters(services),
       .answers = {{200, "A page of them", found_schema(component)}}});
  routes.push_back({.method = Method::kPatch,
                    .path = "/items/{item_id}",
                    .handle = bind_handler(services, change),
                    .operation = "change_item",
                    .tag = "items",
                    .summary = "Change some fields; what was ranked before keeps the old version",
                    .parameters = {id},
                    .body_schema = schema_of(component + "Change"),
                    .answers = {{200, "The item as it is now", schema_of(component)}}});
  routes.push_back({.method = Method::kDelete,
                    .path = "/items/{item_id}",
                    .handle = bind_handler(services, remove),
                    .operation = "delete_item",
                    .tag = "items",
                    .summary = "Hide an item from new inferences; history keeps it",
                    .parameters = {id},
                    .answers = {{204, "Hidden", ""}}});
  routes.push_back({.method = Method::kPost,
                    .path = "/items:import",
                    .handle = bind_handler(services, import),
                    .operation = "import_items",
                    .tag = "items",
                    .summary = "Import many items, all or none: CSV, TSV or JSON lines",
                    .description =
                        "A row with a known id replaces that item; one without an id is refused, unless "
                        "`number_rows` gives it the "
                        "next free one. A table's separator may be a comma, a semicolon, a tab or a bar. The "
                        "answer comes when the "
                        "items serve.",
                    .parameters = {in_query(kIdColumn), in_query(kNumberRows), in_query(kStrict)},
                    .body_schema = R"({"type":"string","format":"binary"})",
                    .body_types = import_types(),
                    .body_examples = import_examples(services.domain, example),
                    .answers = {{200, "What was imported", report_schema()}},
                    .max_body = services.max_import});
  const std::string line = history_example(services.domain, example);
  routes.push_back({.method = Method::kPost,
                    .path = "/history:import",
                    .handle = bind_handler(services, import_history),
                    .operation = "import_history",
                    .tag = "training",
                    .summary = "Import what another system showed and what was picked there, to learn from",
                    .description =
                        "JSON lines: {\"id\": text, \"request\": {...}, \"shown\": [ids, best first], "
                        "\"picked\": [ids, or {\"item\": id, "
                        "\"weight\": people, \"gain\": what it was worth}], \"user_key\": text or number, "
                        "\"at\": time}. An "
                        "empty `picked` is the outcome none "
                        "chosen, no `picked` is no outcome. All lines are checked before the "
                        "first is written; then they are written "
                        "in portions. A request with an `id` is imported once, however often it "
                        "comes; under the same id another request is refused. `propensities` are kept, "
                        "one for each item shown.",
                    .parameters = {in_query(kStrict)},
                    .body_schema = R"({"type":"string","format":"binary"})",
                    .body_types = {"application/x-ndjson", "application/jsonl"},
                    .body_examples = {line, line},
                    .answers = {{200, "How many requests were imported", history_report_schema()}},
                    .max_body = services.max_import});
  return routes;
}

}  // namespace rankloop::http
