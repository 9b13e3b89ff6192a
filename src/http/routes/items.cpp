// The handlers that change the catalog or search it, and their table.
#include "http/routes/items.h"

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

std::string no_such_item(const Services& services) {
  return "There is no such " + services.domain.item.one;
}

awaitable<Response> change(Services& services, Request& request) {
  const auto name = item_in_path(request, services.domain.item_id_type, no_such_item(services));
  if (!name) co_return error_response(name.error());
  Result<boost::json::value> parsed = co_await read_item(services, request);
  if (!parsed) co_return error_response(parsed.error());
  const SharedBody body = std::make_shared<const boost::json::value>(*std::move(parsed));
  const auto item = co_await blocking_result<app::Item>(
      services.catalog_changes,
      [&catalog = services.app.catalog, name = *name, body] { return catalog.change(name, *body); });
  co_return item ? json_response(item_json(services.domain, *item)) : error_response(item.error());
}

awaitable<Response> remove(Services& services, Request& request) {
  const auto name = item_in_path(request, services.domain.item_id_type, no_such_item(services));
  if (!name) co_return error_response(name.error());
  const auto outcome = co_await blocking_result<void>(
      services.catalog_changes,
      [&catalog = services.app.catalog, name = *name] { return catalog.remove(name); });
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
  const bool counted = services.domain.item_id_type == ItemIdType::kNumber;
  const Parameter id = item_parameter(services.domain.item_id_type, "item_id",
                                      counted ? "The item's number" : "The item's id", example.id);
  const std::string known = "$response.body#/" + services.domain.item_id_field;
  std::vector<Route> routes;
  routes.push_back(
      {.method = Method::kPost,
       .path = "/items",
       .handle = bind_handler(services, add),
       .operation = "add_item",
       .tag = "items",
       .summary = counted ? "Add an item; without an id it gets the next free one" : "Add an item",
       .body_schema = schema_of(component + "Data"),
       .answers = {
           {.status = 201,
            .description = "The item",
            .schema = schema_of(component),
            .headers = {"Idempotency-Replayed"},
            .links = {link_to("change_item", "item_id", known), link_to("delete_item", "item_id", known),
                      link_to(operation_name("get", services.domain.item.one), services.domain.item_id_field,
                              known)}},
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
  return routes;
}

}  // namespace rankloop::http
