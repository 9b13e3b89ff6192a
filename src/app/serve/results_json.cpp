// Ranked items as JSON: these are hot answers.
#include "app/serve/results_json.h"

#include <boost/json/serialize.hpp>

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

void write_left_out(JsonWriter& json, ItemNames& names, std::span<const LeftOut> left_out) {
  json.begin_array();
  for (const LeftOut& one : left_out) {
    json.begin_object().key("id");
    one.text.empty() ? json.json(boost::json::serialize(names.value(one.item))) : json.text(one.text);
    json.key("reason").word(name_of(one.reason)).end_object();
  }
  json.end_array();
}

}  // namespace rankloop::app
