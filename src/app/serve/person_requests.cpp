// What a request said, what of its ranking was shown, and what was told of that.
#include "app/serve/person_requests.h"

#include "domain/candidate_fields.h"
#include "domain/json_writer.h"

namespace rankloop::app {
namespace {

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

Status append_person_request(std::string& out, storage::Store& store, ItemNames& names,
                             const storage::RequestRecord& request) {
  const auto inference = store.inference(InferenceId{request.id.value});
  if (!inference) return inference.error();
  JsonWriter json{out};
  json.begin_object().key("kind").word("request").key("task_id").word(inference->task.to_string());
  json.key(names.domain().request.one + "_id").integer(request.id.value);
  json.key("at").word(to_iso8601(request.created)).key("state").word(name_of(inference->state));
  json.key("request").json(request.payload);
  if (Status written = write_candidates(json, names, *inference); !written) return written;
  write_shown(json, names, *inference);
  write_feedback(json, names, *inference);
  json.end_object();
  return {};
}

Result<std::string> newest_requests_json(storage::Store& store, ItemNames& names, const PersonKey& person,
                                         int most) {
  if (const auto known = store.person(person); !known) return known.error();
  const auto requests = store.newest_requests_of(person, most);
  if (!requests) return requests.error();
  std::string out = "[";
  for (const storage::RequestRecord& request : *requests) {
    if (out.size() > 1) out += ',';
    if (Status written = append_person_request(out, store, names, request); !written) return written.error();
  }
  return out + ']';
}

}  // namespace rankloop::app
