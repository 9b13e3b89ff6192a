// The items' own fields as JSON text, for answers: of the version that was ranked, never today's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/lru_cache.h"
#include "ml/catalog.h"
#include "storage/catalog_store.h"

namespace rankloop::app {

using Payload = std::shared_ptr<const std::string>;  // a JSON object

// Thread-safe.
class ItemPayloads {
 public:
  ItemPayloads(storage::CatalogStore& store, std::size_t max_bytes) : store_(store), cache_(max_bytes) {}

  // The payloads of items at a catalog version, in order, from memory; nothing when one of them is not there.
  std::optional<std::vector<Payload>> known(const ml::Catalog& catalog, std::span<const ItemId> ids,
                                            std::int64_t at_version);
  // The same from the store, filling the memory. kDataLoss when an item is not there.
  Result<std::vector<Payload>> load(std::span<const ItemId> ids, std::int64_t at_version);

 private:
  struct Key {
    ItemId id;
    std::int64_t version;  // the catalog version that brought this state of the item
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept {
      const auto id = static_cast<std::uint64_t>(key.id.value);
      return std::hash<std::uint64_t>{}(id * 0x9e3779b97f4a7c15U + static_cast<std::uint64_t>(key.version));
    }
  };

  storage::CatalogStore& store_;
  LruCache<Key, std::string, Hash> cache_;
};

// The same as they were ranked: with what the request says of its candidates (domain/candidate_fields.h).
// `ids`: whose they are. kDataLoss: what it says, or a payload, cannot be read.
Result<std::vector<Payload>> as_ranked(const Domain& domain, std::string_view candidate_fields,
                                       std::span<const ItemId> ids, std::vector<Payload> payloads);

}  // namespace rankloop::app
