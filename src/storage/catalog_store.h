// Items with their history, and the versions of the domain that they are read by. See writes.h for threads
// and errors.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/clock.h"
#include "domain/ids.h"
#include "error/result.h"
#include "storage/records.h"
#include "storage/writes.h"

namespace rankloop::storage {

class CatalogStore {
 public:
  virtual ~CatalogStore() = default;

  // kAborted: the version is not the current one + 1 (someone else changed the catalog).
  virtual void write_items(CatalogWrite write, std::optional<RecordedAnswer<std::int64_t>> keep,
                           Done<std::int64_t> done) = 0;
  // The item as it was at a catalog version (the newest state not newer than it).
  virtual Result<ItemRecord> item(ItemId id, std::int64_t at_version) = 0;
  // Several at once, in the order asked; unknown ones are left out.
  virtual Result<std::vector<ItemRecord>> items(std::span<const ItemId> ids, std::int64_t at_version) = 0;
  // Every item that is not deleted at the current version, in id order, streamed. Answers that version.
  virtual Result<std::int64_t> each_item(const std::function<void(const ItemRecord&)>& visit) = 0;
  // Items that changed after one version up to another (their newest state then, deletions too), in id order,
  // streamed. Answers the version that was reached: the current one where `up_to` lies beyond.
  static constexpr std::int64_t kCurrentVersion = INT64_MAX;
  virtual Result<std::int64_t> each_change(std::int64_t after, std::int64_t up_to,
                                           const std::function<void(const ItemRecord&)>& visit) = 0;
  // The texts that ids stand for (domain/item_keys.h), in order of the ids from the one after `after` on, as
  // far as the current version has brought them. A deleted item's stays.
  virtual Status each_item_key(ItemId after,
                               const std::function<void(ItemId, std::string_view key)>& visit) = 0;
  virtual std::int64_t catalog_version() const noexcept = 0;  // from memory, at most a second old elsewhere
  // The stored domain versions' newest, or kNotFound on a new store.
  virtual Result<DomainRecord> domain() = 0;
  virtual void adopt_domain(std::string name, std::string fingerprint, std::string source, WallTime at,
                            Done<int> done) = 0;  // answers the new domain version
};

}  // namespace rankloop::storage
