// Looks up what items were like when something happened to them.
#include "app/serve/happenings.h"

#include <algorithm>
#include <unordered_set>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace rankloop::app {

namespace {

// Of the request that it belongs to, where one was asked for. An event of a person alone belongs to none.
ml::SessionKey session_of(const ml::HistoryPlan& plan, const storage::Happening& happening) {
  if (plan.named() == 0 || happening.request.empty()) return 0;
  const Domain& domain = plan.domain();
  boost::system::error_code fault;
  const boost::json::value said = boost::json::parse(happening.request, fault);
  const boost::json::object* const fields = fault ? nullptr : said.if_object();
  if (fields == nullptr) return 0;
  const boost::json::value* const key = fields->if_contains(domain.requests.words()[*domain.session]);
  return key != nullptr && key->is_string() ? ml::session_number(key->get_string()) : 0;
}

}  // namespace

ml::Moment moment_of(WallTime at) {
  return at.time_since_epoch().count();
}

storage::HistoryReads::Requests requests_for(const ml::HistoryPlan& plan) {
  using Requests = storage::HistoryReads::Requests;
  return plan.named() > 0 ? Requests::kTold : Requests::kUntold;
}

void ItemWordsOfThen::keep(ItemId item, std::int64_t from, ml::ItemWords words) {
  std::vector<Version>& versions = known_[item];
  const auto place = std::ranges::lower_bound(versions, from, {}, &Version::from);
  if (place != versions.end() && place->from == from) return;
  versions.insert(place, {from, std::move(words)});
}

Status ItemWordsOfThen::learn(std::span<const storage::Happening> happenings, const ml::Catalog* present) {
  constexpr std::size_t kMostKept = 200'000;
  if (known_.size() > kMostKept) known_.clear();
  if (plan_.words().empty()) return {};
  std::unordered_set<ItemId, KeyedHash> missing;
  for (const storage::Happening& happening : happenings) {
    for (const ItemId item : happening.items) {
      const auto row = present == nullptr ? std::nullopt : present->find(item);
      if (row && present->version_at(*row) <= happening.catalog_version &&
          happening.catalog_version <= present->version()) {
        const ml::CatalogChunk& chunk = *present->chunks()[*row / ml::kChunkRows];
        keep(item, present->version_at(*row), ml::words_of(plan_, *present, chunk, *row % ml::kChunkRows));
      } else {
        missing.insert(item);
      }
    }
  }
  if (missing.empty()) return {};
  std::vector<ItemId> ids(missing.begin(), missing.end());
  std::ranges::sort(ids);
  Status fault;
  const Schema& items = plan_.domain().candidates;
  const Status read = store_.each_item_version(ids, [&](const storage::ItemRecord& item) {
    ml::ItemWords words;
    if (!item.deleted) {
      const auto record = items.read(item.payload);
      if (!record) {
        fault = record.error();
        return false;
      }
      for (std::size_t w = 0; w < plan_.words().size(); ++w) {
        if (const Words& of_field = record->values.words[plan_.words()[w]])
          ml::append_words(plan_, w, *of_field, words);
      }
    }
    keep(item.id, item.version, std::move(words));
    return true;
  });
  return read ? fault : read;
}

std::vector<ml::HistoryEvent> events_of(const ml::HistoryPlan& plan, const storage::Happening& happening,
                                        const ItemWordsOfThen& words) {
  const auto kind = plan.kind_of(happening.is_exposure() ? kShownKind : std::string_view(happening.kind));
  const ml::SessionKey session = session_of(plan, happening);
  std::vector<ml::HistoryEvent> events;
  events.reserve(happening.items.size());
  for (const ItemId item : happening.items) {
    events.push_back({kind, moment_of(happening.at), item, &words.at(item, happening.catalog_version),
                      happening.people, happening.value, session});
  }
  return events;
}

const ml::ItemWords& ItemWordsOfThen::at(ItemId item, std::int64_t version) const {
  const auto known = known_.find(item);
  if (known == known_.end()) return none_;
  const auto after = std::ranges::upper_bound(known->second, version, {}, &Version::from);
  return after == known->second.begin() ? none_ : std::prev(after)->words;
}

}  // namespace rankloop::app
