// The handlers of what happened before, and their table.
#include "http/routes/histories.h"

#include <boost/json/serialize.hpp>

#include "http/routes/examples.h"
#include "http/routes/inputs.h"
#include "http/routes/person_path.h"
#include "http/routes/schemas.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;
using Values = std::vector<app::HistoryValue>;

constexpr std::string_view kValue =
    R"("value":{"type":["number","array","null"],"items":{"type":["string","integer","null"]},)"
    R"("description":"null: absent"})";

// With members after those that say what it is.
std::string schema_with(std::string_view names, std::string_view members) {
  return R"({"type":"array","items":{"type":"object","required":["name","of","own","unit","means")" +
         std::string{names} +
         R"(],"properties":{"name":{"type":"string"},)"
         R"("of":{"type":"string","description":"item, person, or a field of the item whose word items share"},)"
         R"("own":{"type":"boolean","description":"Of what the person who asks did alone"},)"
         R"("unit":{"type":"string","enum":["times","value","rate","days","share","words","items"]},)"
         R"("means":{"type":"string","description":"The same in a sentence"})" +
         std::string{members} + "}}}";
}

awaitable<Response> list(Services& services, Request&) {
  co_return json_response(boost::json::serialize(app::histories_json(services.domain)));
}

Response histories_response(const Services& services, const Result<Values>& values) {
  if (!values) return error_response(values.error());
  return json_response(boost::json::serialize(app::to_json(services.domain, *values)));
}

awaitable<Response> of_person(Services& services, Request& request) {
  const auto person = person_in_path(request);
  if (!person) co_return error_response(person.error());
  co_return histories_response(
      services, co_await blocking_result<Values>(
                    services.reads, [&histories = services.app.history_values, person = *person] {
                      return histories.of_person(person);
                    }));
}

awaitable<Response> of_item(Services& services, Request& request) {
  const auto name =
      item_in_path(request, services.domain.item_id_type, "There is no such " + services.domain.item.one);
  if (!name) co_return error_response(name.error());
  co_return histories_response(
      services,
      co_await blocking_result<Values>(services.reads, [&histories = services.app.history_values,
                                                        name = *name] { return histories.of_item(name); }));
}

}  // namespace

std::string histories_schema() {
  return schema_with(R"(,"value")", "," + std::string{kValue});
}

std::vector<Route> history_routes(Services& services) {
  const bool counted = services.domain.item_id_type == ItemIdType::kNumber;
  std::vector<Route> routes;
  routes.push_back({.method = Method::kGet,
                    .path = "/histories",
                    .handle = bind_handler(services, list),
                    .operation = "list_histories",
                    .tag = "domain",
                    .summary = "The domain's histories, and what each of them means",
                    .description =
                        "Features of what happened before, in the order of the domain file. Drift and "
                        "importance speak of them by these names.",
                    .answers = {{200, "The histories, without values", schema_with("", "")}}});
  routes.push_back(
      {.method = Method::kGet,
       .path = "/persons/{user_key}/histories",
       .handle = bind_handler(services, of_person),
       .operation = "person_histories",
       .tag = "persons",
       .summary = "What the domain's histories of who asks say of a person now",
       .description = "What a ranking for this person would know if it began now, by the code that ranks. "
                      "Empty where the domain has no histories of the person.",
       .parameters = {person_parameter()},
       .answers = {{200, "The histories, in the order of the domain file", histories_schema()}}});
  routes.push_back(
      {.method = Method::kGet,
       .path = "/items/{item_id}/histories",
       .handle = bind_handler(services, of_item),
       .operation = "item_histories",
       .tag = "items",
       .summary = "What the domain's histories of items say of one now",
       .description =
           "What a ranking would know of it if it began now, by the code that ranks. Histories that "
           "are `own` differ between people: here nobody asks, so they are null.",
       .parameters = {item_parameter(services.domain.item_id_type, "item_id",
                                     counted ? "The item's number" : "The item's id",
                                     example_item(services).id)},
       .answers = {{200, "The histories, in the order of the domain file", histories_schema()}}});
  return routes;
}

}  // namespace rankloop::http
