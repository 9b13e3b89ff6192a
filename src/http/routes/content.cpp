// The handlers and the table of /content.
#include "http/routes/content.h"

#include <memory>

#include "http/openapi.h"
#include "http/routes/blocking_text.h"
#include "http/routes/examples.h"
#include "http/routes/inputs.h"
#include "http/routes/schemas.h"
#include "http/routes/views.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

const NumberInput kLimit{.name = "limit", .help = "Rows at most", .maximum = 10'000, .preset = 1'000};
const NumberInput kOffset{
    .name = "offset", .help = "Rows to pass over", .minimum = 0, .maximum = 1LL << 40, .preset = 0};
const TaskInput kTask{.name = "task_id", .help = "The task"};

struct Page {
  std::int64_t limit = 0;
  std::int64_t offset = 0;
};

Page read_page(QueryReader& query) {
  return {query.read(kLimit), query.read(kOffset)};
}

// `rest` is what else the next page's query needs, with its '&'.
void add_paging(Response& response, const Request& request, Page page, std::int64_t total,
                std::string rest = {}) {
  response.headers.emplace_back("X-Total-Count", std::to_string(total));
  if (page.offset + page.limit >= total) return;
  response.headers.emplace_back("Link", "<" + request.path + "?limit=" + std::to_string(page.limit) +
                                            "&offset=" + std::to_string(page.offset + page.limit) + rest +
                                            ">; rel=\"next\"");
}

awaitable<Response> info(Services& services, Request&) {
  std::string out;
  JsonWriter json{out};
  json.begin_object().key(services.domain.item.many).integer(services.app.catalog.size());
  json.key(services.domain.request.many).integer(services.app.content.counts().users).end_object();
  co_return json_response(std::move(out));
}

awaitable<Response> get_item(Services& services, Request& request) {
  const auto name =
      item_in_path(request, services.domain.item_id_type, "There is no such " + services.domain.item.one);
  if (!name) co_return error_response(name.error());
  const auto item = co_await blocking_result<app::Item>(
      services.reads, [&catalog = services.app.catalog, name = *name] { return catalog.get(name); });
  co_return item ? json_response(item_json(services.domain, *item)) : error_response(item.error());
}

awaitable<Response> list_items(Services& services, Request& request) {
  QueryReader query{request};
  const Page page = read_page(query);
  if (const Status fault = query.status(); !fault) co_return error_response(fault.error());
  auto text = co_await blocking_text(
      services, [&catalog = services.app.catalog, page] { return catalog.list(page.offset, page.limit); },
      [&domain = services.domain](const std::vector<app::Item>& items) {
        return array_json(items, [&](const app::Item& item) { return item_json(domain, item); });
      });
  Response response = text_response(std::move(text));
  if (response.status == 200) add_paging(response, request, page, services.app.catalog.size());
  co_return response;
}

awaitable<Response> get_user(Services& services, Request& request) {
  const auto id = number_in_path(request, "User not found");
  if (!id) co_return error_response(id.error());
  const auto user = co_await blocking_result<app::RequestRecord>(
      services.reads, [&content = services.app.content, id = *id] { return content.user({id}); });
  co_return user ? json_response(user_json(services.domain, *user)) : error_response(user.error());
}

awaitable<Response> list_users(Services& services, Request& request) {
  QueryReader query{request};
  const Page page = read_page(query);
  if (const Status fault = query.status(); !fault) co_return error_response(fault.error());
  const auto total = std::make_shared<std::int64_t>(0);
  auto text = co_await blocking_text(
      services,
      [&content = services.app.content, page] {
        return content.users(page.offset, static_cast<int>(page.limit));
      },
      [&domain = services.domain, total](const app::UserPage& users) {
        *total = users.total;
        return array_json(users.users,
                          [&](const app::RequestRecord& user) { return user_json(domain, user); });
      });
  Response response = text_response(std::move(text));
  if (response.status == 200) add_paging(response, request, page, *total);
  co_return response;
}

awaitable<Response> get_result(Services& services, Request& request) {
  const auto id = number_in_path(request, "Result not found");
  if (!id) co_return error_response(id.error());
  auto text = co_await blocking_result<std::string>(services.reads,
                                                    [&app = services.app, id = *id]() -> Result<std::string> {
                                                      const auto row = app.content.result({id});
                                                      if (!row) return row.error();
                                                      return result_json(app.serving.item_names(), *row);
                                                    });
  co_return text_response(std::move(text));
}

awaitable<Response> list_results(Services& services, Request& request) {
  QueryReader query{request};
  const Page page = read_page(query);
  const std::optional<TaskId> task = query.required(kTask);
  if (const Status fault = query.status(); !fault) co_return error_response(fault.error());
  if (!task) co_return error_response({ErrorCode::kNotFound, "Task not found"});
  const auto total = std::make_shared<std::int64_t>(0);
  auto text = co_await blocking_text(
      services,
      [&content = services.app.content, task = *task, page] {
        return content.results(task, page.offset, static_cast<int>(page.limit));
      },
      [&names = services.app.serving.item_names(), total](const app::ResultPage& results) {
        *total = results.total;
        return array_json(results.rows, [&](const app::ResultRow& row) { return result_json(names, row); });
      });
  Response response = text_response(std::move(text));
  if (response.status == 200) {
    add_paging(response, request, page, *total, "&task_id=" + task->to_string());
  }
  co_return response;
}

std::vector<Parameter> page_parameters() {
  return {in_query(kLimit), in_query(kOffset)};
}

}  // namespace

std::vector<Route> content_routes(Services& services) {
  const Noun& item = services.domain.item;
  const Noun& user = services.domain.request;
  const std::string item_schema = schema_of(component_name(item.one));
  const std::string user_schema = schema_of(component_name(user.one));
  const auto route = [&services](std::string path, auto function, std::string operation, std::string summary,
                                 std::vector<Parameter> parameters, std::string schema,
                                 std::vector<Link> links = {}) {
    const bool paged = schema.starts_with(R"({"type":"array")");
    return Route{.method = Method::kGet,
                 .path = std::move(path),
                 .handle = bind_handler(services, function),
                 .operation = std::move(operation),
                 .tag = "content",
                 .summary = std::move(summary),
                 .parameters = std::move(parameters),
                 .answers = {{.description = "Found",
                              .schema = std::move(schema),
                              .headers = paged ? std::vector<std::string>{"X-Total-Count", "Link"}
                                               : std::vector<std::string>{},
                              .links = std::move(links)}}};
  };
  std::vector<Parameter> result_parameters = page_parameters();
  result_parameters.push_back(in_query(kTask, true));
  Route results = route("/content/results", list_results, "list_results", "All results of a task, best first",
                        std::move(result_parameters), array_of(schema_of("Result")),
                        {link_to("get_result", "result_id", "$response.body#/0/result_id")});
  results.answers.push_back({404, "There is no such task", schema_of("Error")});
  const std::string counts = R"({"type":"object","required":[")" + item.many + "\",\"" + user.many +
                             R"("],"properties":{")" + item.many + R"(":{"type":"integer"},")" + user.many +
                             R"(":{"type":"integer"}}})";
  const std::string& item_id = services.domain.item_id_field;
  const std::string user_id = user.one + "_id";
  const bool counted = services.domain.item_id_type == ItemIdType::kNumber;
  const std::string what_names = counted ? "The number of the " : "The id of the ";
  const std::string get_one_item = operation_name("get", item.one);
  const std::string get_one_user = operation_name("get", user.one);
  const boost::json::value first = example_item(services).id;
  return {
      route("/content/info", info, "content_info", "How many there are", {}, counts),
      route("/content/" + item.one + "/{" + item_id + "}", get_item, get_one_item, "One " + item.one,
            {item_parameter(services.domain.item_id_type, item_id, what_names + item.one, first)},
            item_schema),
      route("/content/" + item.many, list_items, operation_name("list", item.many), "The catalog in id order",
            page_parameters(), array_of(item_schema),
            {link_to(get_one_item, item_id, "$response.body#/0/" + item_id)}),
      route("/content/" + user.one + "/{" + user_id + "}", get_user, get_one_user,
            "One " + user.one + " with derived features",
            {number_parameter(user_id, "The number of the " + user.one)}, user_schema),
      route("/content/" + user.many, list_users, operation_name("list", user.many),
            "Those who asked, in id order", page_parameters(), array_of(user_schema),
            {link_to(get_one_user, user_id, "$response.body#/0/" + user_id)}),
      route("/content/result/{result_id}", get_result, "get_result", "One result",
            {number_parameter("result_id", "The number of the result", 65'537)}, schema_of("Result")),
      std::move(results),
  };
}

}  // namespace rankloop::http
