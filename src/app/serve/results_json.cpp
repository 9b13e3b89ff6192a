// Ranked items as JSON: these are hot answers.
#include "app/serve/results_json.h"

namespace rankloop::app {

void write_results(JsonWriter& json, const Domain& domain, const Ranking& ranking,
                   std::span<const Payload> payloads) {
  json.begin_array();
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    const RankedItem& ranked = ranking.items[i];
    json.begin_object().key("score").number(ranked.score);
    json.key(domain.item_id_field).integer(ranked.item.value).members(*payloads[i]).end_object();
  }
  json.end_array();
}

void write_left_out(JsonWriter& json, std::span<const LeftOut> left_out) {
  json.begin_array();
  for (const LeftOut& one : left_out)
    json.begin_object()
        .key("id")
        .integer(one.item.value)
        .key("reason")
        .word(name_of(one.reason))
        .end_object();
  json.end_array();
}

}  // namespace rankloop::app
