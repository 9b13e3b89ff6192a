// Puts what a request says of its candidates into a small catalog, and finds out why some are not ranked.
#include "app/serve/candidates.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "domain/candidate_fields.h"
#include "domain/keyed_hash.h"

namespace rankloop::app {
namespace {

using ItemSet = std::unordered_set<ItemId, KeyedHash>;

std::vector<ItemId> live_once(std::span<const ItemId> candidates, const ml::Catalog& catalog) {
  std::vector<ItemId> live;
  ItemSet seen;
  for (const ItemId item : candidates) {
    if (seen.insert(item).second && catalog.find(item)) live.push_back(item);
  }
  return live;
}

// An id that the catalog does not have may have been an item's once.
Status tell_deleted(std::vector<LeftOut>& left_out, std::int64_t version, storage::CatalogStore& store) {
  std::vector<ItemId> unknown;
  for (const LeftOut& one : left_out) {
    if (one.reason == LeftOutReason::kUnknown) unknown.push_back(one.item);
  }
  const auto stored = store.items(unknown, version);
  if (!stored) return stored.error();
  ItemSet deleted;
  for (const storage::ItemRecord& item : *stored) deleted.insert(item.id);
  for (LeftOut& one : left_out) {
    if (one.reason == LeftOutReason::kUnknown && deleted.contains(one.item))
      one.reason = LeftOutReason::kDeleted;
  }
  return {};
}

// What was known of a person is no longer at hand, but a ranking keeps all candidates that may be ranked.
std::vector<ItemId> eligible_of(const ml::RankRequest& asked, const ml::Catalog& from,
                                std::span<const RankedItem> ranked) {
  if (asked.wishes == nullptr) return ml::eligible_items(from, asked);
  std::vector<ItemId> eligible;
  for (const RankedItem& item : ranked) eligible.push_back(item.item);
  std::ranges::sort(eligible);
  return eligible;
}

}  // namespace

Result<std::shared_ptr<const ml::Catalog>> catalog_for(const storage::NewInference& request,
                                                       const std::shared_ptr<const ml::Catalog>& serving,
                                                       storage::CatalogStore& store) {
  if (request.candidate_fields.empty()) return serving;
  const Result<CandidateFields> said = CandidateFields::read(request.candidate_fields);
  if (!said) return said.error();
  const auto items = store.items(live_once(request.candidates, *serving), serving->version());
  if (!items) return items.error();
  // With a dictionary of its own: words that requests bring must not pile up in the one that serves.
  const auto own = ml::Catalog::empty_beside(serving);
  std::vector<ml::ItemChange> rows;
  for (const storage::ItemRecord& item : *items) {
    const Result<Record> record = candidate_record(serving->domain(), item.payload, said->of(item.id));
    if (record)
      rows.push_back({item.id, item.version, own->pick(record->values, item.since)});
    else if (record.error().code == ErrorCode::kDataLoss)
      return record.error();
  }
  return own->with(serving->version(), rows);
}

Ranking rank_from(const std::shared_ptr<const ml::Catalog>& from, const ServedModel& served,
                  const ml::RankRequest& asked) {
  ml::RankRequest wanted = asked;
  if (from.get() == &served.scorer->catalog()) {
    wanted.draws = served.draws;
    return ml::rank(*served.scorer, *served.model, served.id, wanted);
  }
  ServedModel here{.id = served.id, .model = served.model, .scorer = served.model->bind(from, nullptr, 0)};
  if (asked.explore != nullptr) bind_draws(here, from, served.draws.size());
  wanted.draws = here.draws;
  return ml::rank(*here.scorer, *here.model, here.id, wanted);
}

Result<std::vector<LeftOut>> left_out(const ml::RankRequest& asked, const ml::Catalog& serving,
                                      const ml::Catalog& from, std::span<const RankedItem> ranked,
                                      storage::CatalogStore& store) {
  std::vector<LeftOut> found;
  if (!asked.candidates_given || asked.candidates.size() == ranked.size()) return found;
  const std::vector<ItemId> eligible = eligible_of(asked, from, ranked);
  ItemSet seen;
  for (const ItemId item : asked.candidates) {
    if (!seen.insert(item).second)
      found.push_back({item, LeftOutReason::kDoubled});
    else if (!serving.find(item))
      found.push_back({item, LeftOutReason::kUnknown});
    else if (!from.find(item))
      found.push_back({item, LeftOutReason::kUncomputable});
    else if (!std::ranges::binary_search(eligible, item))
      found.push_back({item, LeftOutReason::kRuledOut});
  }
  if (const Status told = tell_deleted(found, serving.version(), store); !told) return told.error();
  return found;
}

}  // namespace rankloop::app
