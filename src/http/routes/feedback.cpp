// The handler of events that are told from outside, and its table.
#include "http/routes/feedback.h"

#include <string>
#include <utility>

#include "http/openapi.h"
#include "http/routes/inputs.h"
#include "http/routes/schemas.h"

namespace rankloop::http {
namespace {

using boost::asio::awaitable;

constexpr std::size_t kMostBytes = std::size_t{1} << 20U;  // of app::kMostEvents

// Whoever may ask may say what came of it; what people did elsewhere is for who runs this.
void refuse_of_people(std::vector<app::ToldEvent>& events) {
  for (app::ToldEvent& event : events) {
    if (!event.task && event.fault.empty())
      event.fault = "an event that belongs to no ranking needs an operator's token";
  }
}

awaitable<Response> tell(Services& services, Request& request) {
  using Events = std::vector<app::ToldEvent>;
  using Outcomes = std::vector<app::EventOutcome>;
  const bool operates = request.role == Role::kOperator;
  Result<Events> events = co_await read_json<Events>(
      services.reads, request,
      [&feedback = services.app.feedback](const boost::json::value& body) { return feedback.check(body); });
  if (!events) co_return error_response(events.error());
  if (!operates) refuse_of_people(*events);
  const auto outcomes = co_await callback_result<Outcomes>(
      [&](auto done) { services.app.feedback.record(*std::move(events), services.reads, std::move(done)); });
  if (!outcomes) co_return error_response(outcomes.error());
  co_return json_response(app::to_json(*outcomes));
}

std::string event_schema(const app::EventInputs& inputs, const Domain& domain) {
  return body_schema(
      {},
      {in_body(inputs.event_id), in_body(inputs.task), in_body(inputs.person), in_body(inputs.item),
       in_body(inputs.kind), in_body(inputs.value), in_body(inputs.weight), in_body(inputs.at)},
      R"({"task_id":"01890000-0000-7000-8000-000000000000","kind":"pick",")" + domain.item_id_field +
          R"(":)" + (domain.item_id_type == ItemIdType::kText ? R"("a")" : "1") + "}");
}

const char kOutcomesSchema[] =
    R"({"type":"object","required":["accepted","duplicate","refused","events"],"properties":{)"
    R"("accepted":{"type":"integer"},"duplicate":{"type":"integer"},"refused":{"type":"integer"},)"
    R"("events":{"type":"array","items":{"type":"object","required":["outcome"],"properties":{)"
    R"("outcome":{"type":"string","enum":["accepted","duplicate","refused"]},"reason":{"type":"string"}}}}}})";

}  // namespace

std::vector<Route> feedback_routes(Services& services) {
  const std::string event = event_schema(app::event_inputs(services.domain), services.domain);
  std::vector<Route> routes;
  routes.push_back(
      {.method = Method::kPost,
       .path = "/feedback",
       .handle = bind_handler(services, tell),
       .operation = "tell_feedback",
       .tag = "inference",
       .summary = "Say what came of rankings, or what people did elsewhere: one event, or up to 1,000",
       .description =
           "Each event is judged by itself and answered in order. An event_id is taken once, however "
           "often it is told. What is accepted is durable.",
       .body_schema = R"({"anyOf":[)" + event + R"(,{"type":"array","minItems":1,"maxItems":)" +
                      std::to_string(app::kMostEvents) + R"(,"items":)" + event + "}]}",
       .answers = {{200, "What became of each event", kOutcomesSchema}},
       .max_body = kMostBytes,
       .role = Role::kGuest});
  return routes;
}

}  // namespace rankloop::http
