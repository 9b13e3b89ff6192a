// Writes the list of changes.
#include "domain/domain_change_json.h"

#include <algorithm>

namespace rankloop {

bool only_adds(const std::vector<DomainChange>& changes) {
  return std::ranges::all_of(changes, &DomainChange::additive);
}

void write_changes(JsonWriter& json, const std::vector<DomainChange>& changes) {
  json.begin_array();
  for (const DomainChange& change : changes) {
    json.begin_object().key("what").text(change.what).key("means").text(change.means);
    json.key("additive").flag(change.additive).end_object();
  }
  json.end_array();
}

}  // namespace rankloop
