// The handlers of what is known of people, and their table.
#include "http/routes/persons.h"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/json/serialize.hpp>

#include "app/serve/person_requests.h"
#include "domain/strict_json.h"
#include "http/field_schema.h"
#include "http/routes/inputs.h"
#include "http/routes/job_routes.h"
#include "http/routes/keep.h"
#include "http/routes/person_path.h"
#include "http/routes/schemas.h"
#include "http/routes/views.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;
namespace json = boost::json;

constexpr std::string_view kNothingStored = "{}";

// The names alone: an answer may be kept for a day, and the person be erased meanwhile.
std::string stored_json(const std::string& payload) {
  std::string out;
  JsonWriter writer{out};
  writer.begin_object().key("stored").begin_array();
  const Result<json::value> fields = parse_strict_json(payload);
  if (fields && fields->is_object()) {
    for (const json::key_value_pair& field : fields->get_object()) writer.word(field.key());
  }
  writer.end_array().end_object();
  return out;
}

void write_time(JsonWriter& writer, std::string_view name, const std::optional<WallTime>& at) {
  writer.key(name);
  at ? writer.word(to_iso8601(*at)) : writer.null();
}

std::string person_json(const app::PersonRecord& person) {
  std::string out;
  JsonWriter writer{out};
  writer.begin_object().key("fields").json(person.payload.empty() ? kNothingStored : person.payload);
  write_time(writer, "changed", person.changed);
  write_time(writer, "first_seen", person.first_seen);
  write_time(writer, "last_seen", person.last_seen);
  writer.key("requests").integer(person.requests).key("events").integer(person.events).end_object();
  return out;
}

std::string erasure_json(const app::TaskRecord& task) {
  std::string out;
  JsonWriter writer{out};
  writer.begin_object();
  write_task_status(writer, {task.id, task.kind, task.state, task.attempt, {}});
  writer.key("asked").word(to_iso8601(task.created)).key("so_far");
  task.progress.empty() ? writer.null() : writer.json(task.progress);
  writer.key("error");
  task.error.empty() ? writer.null() : writer.text(task.error);
  writer.key("receipt");
  task.result.empty() ? writer.null() : writer.json(task.result);
  writer.end_object();
  return out;
}

awaitable<Response> change(Services& services, Request& request, app::Persons::Change how) {
  const auto person = person_in_path(request);
  if (!person) co_return error_response(person.error());
  const Result<json::value> body = json_body(request);
  if (!body) co_return error_response(body.error());
  auto keep =
      keep_for<std::string>(request.idempotency, [](const std::string& stored, app::KeptAnswer& kept) {
        kept.status = 200;
        kept.body = stored_json(stored);
      });
  const auto stored = co_await callback_result<std::string>(
      [&](auto done) { services.app.persons.change(*person, *body, how, std::move(keep), std::move(done)); });
  co_return kept_response(request, stored, stored ? stored_json(*stored) : "");
}

awaitable<Response> replace(Services& services, Request& request) {
  return change(services, request, app::Persons::Change::kAll);
}

awaitable<Response> patch(Services& services, Request& request) {
  return change(services, request, app::Persons::Change::kSome);
}

awaitable<Response> show(Services& services, Request& request) {
  const auto key = person_in_path(request);
  if (!key) co_return error_response(key.error());
  const auto person = co_await blocking_result<app::PersonRecord>(
      services.reads, [&persons = services.app.persons, key = *key] { return persons.get(key); });
  co_return person ? json_response(person_json(*person)) : error_response(person.error());
}

const NumberInput kNewest{.name = "limit", .help = "How many", .maximum = 50, .preset = 10};

awaitable<Response> newest_requests(Services& services, Request& request) {
  const auto person = person_in_path(request);
  if (!person) co_return error_response(person.error());
  QueryReader query(request);
  const std::int64_t limit = query.read(kNewest);
  if (const Status faults = query.status(); !faults) co_return error_response(faults.error());
  auto requests =
      co_await blocking_result<std::string>(services.lists, [&app = services.app, person = *person, limit] {
        return app.persons.newest_requests(person, app.serving.item_names(), static_cast<int>(limit));
      });
  co_return requests ? json_response(*std::move(requests)) : error_response(requests.error());
}

// The first lines tell whether there is anybody; a fault after them breaks the answer off, so that nobody
// takes it for the whole.
awaitable<Response> tell_all(Services& services, Request& request) {
  const auto person = person_in_path(request);
  if (!person) co_return error_response(person.error());
  const auto lines = services.app.persons.all_of(*person, services.app.serving.item_names());
  const auto next = [&lists = services.lists, lines] {
    return blocking_result<std::string>(lists, [lines] { return lines->next(); });
  };
  auto first = co_await next();
  if (!first) co_return error_response(first.error());
  Response response;
  response.content_type = "application/x-ndjson";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.stream = [next, first = *std::move(first)]() mutable -> awaitable<std::string> {
    if (!first.empty()) co_return std::exchange(first, std::string());
    auto more = co_await next();
    if (!more) throw std::runtime_error(more.error().message);
    co_return *std::move(more);
  };
  co_return response;
}

awaitable<Response> erase(Services& services, Request& request) {
  const auto person = person_in_path(request);
  if (!person) co_return error_response(person.error());
  const auto started = co_await callback_result<app::TaskRecord>([&](auto done) {
    services.app.persons.erase(*person, std::string(request.actor), span_of(request), services.reads,
                               std::move(done));
  });
  co_return started ? json_response(job_status_json(*started), 202) : error_response(started.error());
}

awaitable<Response> erasure(Services& services, Request& request) {
  const auto task = co_await job_in_path(services, request, TaskKind::kErasure);
  co_return task ? json_response(erasure_json(*task)) : error_response(task.error());
}

// ---- The API description ---------------------------------------------------------------------------------

std::string fields_schema(const Domain& domain, Sent sent) {
  json::object properties;
  for (const Field& field : domain.person.fields()) properties[field.name] = field_schema(field, sent);
  return json::serialize(json::object{{"type", "object"},
                                      {"description", "Fields of a request, as the domain file lists them."},
                                      {"properties", std::move(properties)},
                                      {"additionalProperties", sent == Sent::kOut}});
}

const char kStoredSchema[] =
    R"({"type":"object","required":["stored"],"properties":{"stored":{"type":"array",)"
    R"("items":{"type":"string"},"description":"The fields that are stored now"}}})";

std::string person_schema(const Domain& domain) {
  return R"({"type":"object","required":["fields","changed","first_seen","last_seen","requests","events"],)"
         R"("properties":{"fields":)" +
         fields_schema(domain, Sent::kOut) +
         R"(,"changed":{"type":["string","null"],"format":"date-time","description":"When these were stored"},)"
         R"("first_seen":{"type":["string","null"],"format":"date-time"},)"
         R"("last_seen":{"type":["string","null"],"format":"date-time"},)"
         R"("requests":{"type":"integer"},)"
         R"("events":{"type":"integer","description":"Those that belong to no ranking"}}})";
}

const char kErasureSchema[] =
    R"({"type":"object","required":["task_id","status","type","asked","so_far","error","receipt"],"properties":{)"
    R"("task_id":{"type":"string","format":"uuid"},)"
    R"("status":{"type":"string","enum":["PENDING","STARTED","RETRY","SUCCESS","FAILURE","REVOKED"]},)"
    R"("type":{"type":"string","enum":["erasure"]},"asked":{"type":"string","format":"date-time"},)"
    R"("so_far":{"type":["object","null"],"properties":{"person_events":{"type":"integer"},)"
    R"("requests":{"type":"integer"}}},"error":{"type":["string","null"]},)"
    R"("receipt":{"type":["object","null"],"required":["by","ended","removed","unlinked","stays"],"properties":{)"
    R"("by":{"type":"string","description":"Whose token asked for it"},)"
    R"("ended":{"type":"string","format":"date-time"},)"
    R"("removed":{"type":"object","properties":{"persons":{"type":"integer"},"person_events":{"type":"integer"}}},)"
    R"("unlinked":{"type":"object","properties":{"person_events":{"type":"integer"},"requests":{"type":"integer"},)"
    R"("feedback":{"type":"integer"}}},)"
    R"("stays":{"type":"string","description":"What an erasure does not reach"}}}}})";

const char kRequestsSchema[] =
    R"({"type":"array","items":{"type":"object","required":["kind","task_id","at","state","request","shown",)"
    R"("feedback"],"properties":{"kind":{"type":"string","enum":["request"]},)"
    R"("task_id":{"type":"string","format":"uuid"},"at":{"type":"string","format":"date-time"},)"
    R"("state":{"type":"string"},"request":{"type":"object"},)"
    R"("candidates":{"type":"array","items":{"type":"object"}},)"
    R"("shown":{"type":"array","items":{"type":"object","required":["position","score","at"],"properties":{)"
    R"("position":{"type":"integer"},"score":{"type":"number"},"at":{"type":"string","format":"date-time"}}}},)"
    R"("feedback":{"type":"array","items":{"type":"object","required":["kind","value","weight","at"],"properties":{)"
    R"("kind":{"type":"string"},"value":{"type":"number"},"weight":{"type":"number"},)"
    R"("at":{"type":"string","format":"date-time"}}}}}}})";

Route change_route(Services& services, Method method) {
  const bool all = method == Method::kPut;
  return {
      .method = method,
      .path = "/persons/{user_key}",
      .handle = all ? bind_handler(services, replace) : bind_handler(services, patch),
      .operation = all ? "store_person" : "change_person",
      .tag = "persons",
      .summary = all ? "Store fields of a person in place of those that are" : "Change some stored fields",
      .description =
          "A request that names this person and lacks one of these fields takes what is stored. "
          "`null` takes a field away.",
      .parameters = {person_parameter()},
      .body_schema = fields_schema(services.domain, Sent::kIn),
      .answers = {{.description = "What is stored now, by name",
                   .schema = kStoredSchema,
                   .headers =
                       all ? std::vector<std::string>{"Idempotency-Replayed"} : std::vector<std::string>{}},
                  {409, "The domain stores nothing of people", schema_of("Error")}},
      .max_body = kSmallBody};
}

}  // namespace

std::vector<Route> person_routes(Services& services) {
  std::vector<Route> routes;
  routes.push_back(change_route(services, Method::kPut));
  routes.push_back(change_route(services, Method::kPatch));
  routes.push_back({.method = Method::kGet,
                    .path = "/persons/{user_key}",
                    .handle = bind_handler(services, show),
                    .operation = "show_person",
                    .tag = "persons",
                    .summary = "What is stored of a person, and how much is known besides",
                    .parameters = {person_parameter()},
                    .answers = {{200, "The person", person_schema(services.domain)}}});
  routes.push_back(
      {.method = Method::kDelete,
       .path = "/persons/{user_key}",
       .handle = bind_handler(services, erase),
       .operation = "erase_person",
       .tag = "persons",
       .summary = "Erase a person: what is stored and told goes, requests become nobody's",
       .description =
           "Stored fields are gone with this answer, the rest goes in a task, which comes to a receipt. "
           "What the person tells after that begins a new one.",
       .parameters = {person_parameter()},
       .answers = {{.status = 202,
                    .description = "The scheduled erasure",
                    .schema = schema_of("TaskStatus"),
                    .links = task_links({"get_erasure", "get_task"})}}});
  routes.push_back({.method = Method::kGet,
                    .path = "/persons/{user_key}/requests",
                    .handle = bind_handler(services, newest_requests),
                    .operation = "person_requests",
                    .tag = "persons",
                    .summary = "A person's newest requests, with what was shown and told, as in an export",
                    .parameters = {person_parameter(), in_query(kNewest)},
                    .answers = {{200, "The newest first", kRequestsSchema}}});
  routes.push_back({.method = Method::kGet,
                    .path = "/persons/{user_key}/export",
                    .handle = bind_handler(services, tell_all),
                    .operation = "export_person",
                    .tag = "persons",
                    .summary = "All that is known of a person, as lines of JSON",
                    .description =
                        "First the person, then its requests with what was shown and told, then what it "
                        "did elsewhere; the last line counts them.",
                    .parameters = {person_parameter()},
                    .answers = {{200, "One object a line", R"({"type":"string"})", "application/x-ndjson"}}});
  routes.push_back({.method = Method::kGet,
                    .path = "/erasures/{task_id}",
                    .handle = bind_handler(services, erasure),
                    .operation = "get_erasure",
                    .tag = "persons",
                    .summary = "How far an erasure is, and its receipt",
                    .parameters = {task_parameter()},
                    .answers = {{200, "The erasure", kErasureSchema}}});
  return routes;
}

}  // namespace rankloop::http
