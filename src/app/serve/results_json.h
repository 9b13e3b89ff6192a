// The items of a ranking as JSON, the same for the API and for other programs.
#pragma once

#include <span>

#include "app/serve/item_names.h"
#include "app/serve/item_payloads.h"
#include "domain/json_writer.h"
#include "domain/ranking.h"

namespace rankloop::app {

// [{"score": ..., "location_id": ..., the item's fields}, ...] of the first payloads.size() ranks.
void write_results(JsonWriter& json, ItemNames& names, const Ranking& ranking,
                   std::span<const Payload> payloads);

// [{"id": ..., "reason": "unknown"}, ...]: candidates that were not ranked.
void write_left_out(JsonWriter& json, ItemNames& names, std::span<const LeftOut> left_out);

}  // namespace rankloop::app
