// Reads what is known of a person in portions and writes it as lines.
#include "app/serve/person_export.h"

#include <optional>
#include <utility>
#include <vector>

#include "app/serve/person_requests.h"
#include "domain/json_writer.h"

namespace rankloop::app {
namespace {

constexpr int kRequestsAtOnce = 20;  // each with its ranking
constexpr int kEventsAtOnce = 500;

void write_time(JsonWriter& json, std::string_view name, const std::optional<WallTime>& at) {
  json.key(name);
  at ? json.word(to_iso8601(*at)) : json.null();
}

}  // namespace

PersonExport::PersonExport(PersonKey person, storage::Store& store, ItemNames& names)
    : person_(std::move(person)), store_(store), names_(names) {}

Result<std::string> PersonExport::next() {
  while (part_ != Part::kOver) {
    auto lines = part_ == Part::kPerson     ? person()
                 : part_ == Part::kRequests ? requests()
                 : part_ == Part::kEvents   ? events()
                                            : Result<std::string>(end());
    if (!lines || !lines->empty()) return lines;
    part_ = part_ == Part::kRequests ? Part::kEvents : Part::kEnd;
  }
  return std::string{};
}

Result<std::string> PersonExport::person() {
  const auto found = store_.person(person_);
  if (!found) return found.error();
  part_ = Part::kRequests;
  std::string out;
  JsonWriter json{out};
  json.begin_object().key("kind").word("person").key("user_key").text(person_);
  json.key("fields").json(found->payload.empty() ? "{}" : found->payload);
  write_time(json, "changed", found->changed);
  write_time(json, "first_seen", found->first_seen);
  write_time(json, "last_seen", found->last_seen);
  json.key("requests").integer(found->requests).key("events").integer(found->events).end_object();
  return out + '\n';
}

Result<std::string> PersonExport::requests() {
  const auto some = store_.requests_of(person_, last_request_, kRequestsAtOnce);
  if (!some) return some.error();
  std::string out;
  for (const storage::RequestRecord& request : *some) {
    if (Status written = append_person_request(out, store_, names_, request); !written)
      return written.error();
    out += '\n';
    last_request_ = request.id;
    ++requests_;
  }
  return out;
}

Result<std::string> PersonExport::events() {
  const auto some = store_.events_of(person_, last_event_, kEventsAtOnce);
  if (!some) return some.error();
  std::string out;
  for (const storage::PersonEvent& event : *some) {
    write_event(event, out);
    last_event_ = event.id;
    ++events_;
  }
  return out;
}

void PersonExport::write_event(const storage::PersonEvent& event, std::string& out) {
  JsonWriter json{out};
  json.begin_object().key("kind").word("event").key("event").word(event.kind);
  names_.write(json, event.item);
  json.key("value").number(event.value).key("at").word(to_iso8601(event.at));
  json.key("received").word(to_iso8601(event.received));
  if (!event.event_id.empty()) json.key("event_id").text(event.event_id);
  json.end_object();
  out += '\n';
}

std::string PersonExport::end() {
  part_ = Part::kOver;
  std::string out;
  JsonWriter{out}
      .begin_object()
      .key("kind")
      .word("end")
      .key("requests")
      .integer(requests_)
      .key("events")
      .integer(events_)
      .end_object();
  return out + '\n';
}

}  // namespace rankloop::app
