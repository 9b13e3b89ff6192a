// Puts what requests say of their items into the items' own values, as it was done when they were ranked.
#include "app/learn/said_values.h"

#include "domain/candidate_fields.h"

namespace rankloop::app {

void SaidValues::add(std::size_t row, ItemId item, std::int64_t catalog_version,
                     const boost::json::object& fields) {
  said_.insert_or_assign(row, Said{catalog_version, fields, {}});
  rows_of_[item].push_back(row);
}

Status SaidValues::see(const storage::ItemRecord& item) {
  const auto rows = rows_of_.find(item.id);
  if (rows == rows_of_.end()) return {};
  for (const std::size_t row : rows->second) {
    Said& said = said_.at(row);
    if (said.catalog_version < item.version) continue;
    const Result<Record> record = candidate_record(domain_, item.payload, &said.fields);
    if (!record) return record.error();
    said.values = layout_.pick(record->values);
  }
  return {};
}

const ml::ItemValues* SaidValues::of(std::size_t row) const {
  const auto found = said_.find(row);
  return found == said_.end() ? nullptr : &found->second.values;
}

}  // namespace rankloop::app
