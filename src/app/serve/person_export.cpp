// Reads what is known of a person in portions and writes it as lines.
#include "app/serve/person_export.h"

#include <optional>
#include <utility>
#include <vector>

#include "domain/candidate_fields.h"
#include "domain/json_writer.h"

namespace rankloop::app {
namespace {

constexpr int kRequestsAtOnce = 20;  // each with its ranking
constexpr int kEventsAtOnce = 500;

void write_time(JsonWriter& json, std::string_view name, const std::optional<WallTime>& at) {
  json.key(name);
  at ? json.word(to_iso8601(*at)) : json.null();
}

// What the request asked to be ranked, and said of it.
Status write_candidates(JsonWriter& json, ItemNames& names, const storage::InferenceRecord& inference) {
  if (!inference.candidates) return {};
  const auto said = CandidateFields::read(inference.candidate_fields);
  if (!said) return said.error();
  json.key("candidates").begin_array();
  for (const ItemId item : *inference.candidates) {
    json.begin_object();
    names.write(json, item);
    if (const std::string_view fields = said->of(item); !fields.empty()) json.key("fields").json(fields);
    json.end_object();
  }
  json.end_array();
  return {};
}

// What of the ranking was shown, in its order.
void write_shown(JsonWriter& json, ItemNames& names, const storage::InferenceRecord& inference) {
  json.key("shown").begin_array();
  for (const storage::Exposure& exposure : inference.exposures) {
    for (int rank = exposure.first_rank; rank < exposure.first_rank + exposure.count; ++rank) {
      const auto at = static_cast<std::size_t>(rank) - 1;
      if (at >= inference.ranking.items.size()) break;
      json.begin_object().key("position").integer(rank);
      names.write(json, inference.ranking.items[at].item);
      json.key("score").number(inference.ranking.items[at].score);
      json.key("at").word(to_iso8601(exposure.at)).end_object();
    }
  }
  json.end_array();
}

void write_feedback(JsonWriter& json, ItemNames& names, const storage::InferenceRecord& inference) {
  json.key("feedback").begin_array();
  for (const storage::Feedback& feedback : inference.feedback) {
    json.begin_object().key("kind").word(feedback.kind);
    if (feedback.item) names.write(json, *feedback.item);
    json.key("value")
        .number(feedback.value)
        .key("weight")
        .number(feedback.weight)
        .key("at")
        .word(to_iso8601(feedback.at))
        .end_object();
  }
  json.end_array();
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
    if (Status written = write_request(request, out); !written) return written.error();
    last_request_ = request.id;
    ++requests_;
  }
  return out;
}

Status PersonExport::write_request(const storage::RequestRecord& request, std::string& out) {
  const auto inference = store_.inference(InferenceId{request.id.value});
  if (!inference) return inference.error();
  JsonWriter json{out};
  json.begin_object().key("kind").word("request").key("task_id").word(inference->task.to_string());
  json.key(names_.domain().request.one + "_id").integer(request.id.value);
  json.key("at").word(to_iso8601(request.created)).key("state").word(name_of(inference->state));
  json.key("request").json(request.payload);
  if (Status written = write_candidates(json, names_, *inference); !written) return written;
  write_shown(json, names_, *inference);
  write_feedback(json, names_, *inference);
  json.end_object();
  out += '\n';
  return {};
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
