// Texts of items from the cache or else from the store.
#include "app/serve/item_payloads.h"

#include <utility>

#include "domain/candidate_fields.h"

namespace rankloop::app {

std::optional<std::vector<Payload>> ItemPayloads::known(const ml::Catalog& catalog,
                                                        std::span<const ItemId> ids,
                                                        std::int64_t at_version) {
  std::vector<Payload> payloads;
  payloads.reserve(ids.size());
  for (const ItemId id : ids) {
    const std::optional<std::uint32_t> row = catalog.find(id);
    // A row that is newer than the ranking says nothing about what was ranked.
    if (!row || catalog.version_at(*row) > at_version) return std::nullopt;
    Payload payload = cache_.find({id, catalog.version_at(*row)});
    if (!payload) return std::nullopt;
    payloads.push_back(std::move(payload));
  }
  return payloads;
}

Result<std::vector<Payload>> ItemPayloads::load(std::span<const ItemId> ids, std::int64_t at_version) {
  Result<std::vector<storage::ItemRecord>> items = store_.items(ids, at_version);
  if (!items) return items.error();
  if (items->size() != ids.size()) {
    return Error{ErrorCode::kDataLoss, "an item of this ranking is not in the store"};
  }
  std::vector<Payload> payloads;
  payloads.reserve(ids.size());
  for (storage::ItemRecord& item : *items) {
    const std::size_t bytes = item.payload.size();
    payloads.push_back(cache_.keep({item.id, item.version},
                                   std::make_shared<const std::string>(std::move(item.payload)), bytes));
  }
  return payloads;
}

Result<std::vector<Payload>> as_ranked(const Domain& domain, std::string_view candidate_fields,
                                       std::span<const ItemId> ids, std::vector<Payload> payloads) {
  const Result<CandidateFields> said = CandidateFields::read(candidate_fields);
  if (!said) return said.error();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::string_view fields = said->of(ids[i]);
    if (fields.empty()) continue;
    Result<Record> record = candidate_record(domain, *payloads[i], fields);
    if (!record) return Error{ErrorCode::kDataLoss, "a ranked item cannot be read", record.error().message};
    payloads[i] = std::make_shared<const std::string>(std::move(record->payload));
  }
  return payloads;
}

}  // namespace rankloop::app
