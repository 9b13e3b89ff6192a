// Ranked items as JSON, appended by hand: these are hot answers.
#include "app/serve/results_json.h"

#include <string_view>

#include "domain/strict_json.h"

namespace rankloop::app {

void append_results(std::string& out, const Domain& domain, const Ranking& ranking,
                    std::span<const Payload> payloads) {
  out += '[';
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    if (i > 0) out += ',';
    out += R"({"score":)";
    append_json_number(out, ranking.items[i].score);
    out += ",\"" + domain.item_id_field + "\":" + std::to_string(ranking.items[i].item.value);
    const std::string_view fields = *payloads[i];
    if (fields.size() > 2) {
      out += ',';
      out += fields.substr(1, fields.size() - 2);
    }
    out += '}';
  }
  out += ']';
}

}  // namespace rankloop::app
