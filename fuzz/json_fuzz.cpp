// Whatever bytes come in: strict JSON and the default domain's schemas give a value or a Result, and a record
// that was accepted reads back as itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "domain/domain.h"
#include "domain/strict_json.h"

namespace {

void check_both_ways(const rankloop::Schema& schema, const boost::json::value& input) {
  const auto record = schema.check(input, {});
  if (!record) return;
  const auto again = schema.read(record->payload);
  if (!again || again->payload != record->payload) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto value = rankloop::parse_strict_json(text);
  if (!value) return 0;
  check_both_ways(rankloop::default_domain()->requests, *value);
  check_both_ways(rankloop::default_domain()->items, *value);
  return 0;
}
