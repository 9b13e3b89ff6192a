// Ranked items as JSON: these are hot answers.
#include "app/serve/results_json.h"

namespace rankloop::app {

void write_results(JsonWriter& json, ItemNames& names, const Ranking& ranking,
                   std::span<const Payload> payloads) {
  json.begin_array();
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    const RankedItem& ranked = ranking.items[i];
    json.begin_object().key("score").number(ranked.score);
    names.write(json, ranked.item);
    json.members(*payloads[i]).end_object();
  }
  json.end_array();
}

}  // namespace rankloop::app
