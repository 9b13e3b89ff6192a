// Walks to where a ranking was made, and keeps what is found there.
#include "app/serve/past_knowledge.h"

#include <algorithm>
#include <memory>

#include "app/serve/history_walk.h"
#include "domain/candidate_fields.h"

namespace rankloop::app {
namespace {

// As many as a page shows of a ranking.
constexpr std::size_t kBest = 50;

std::vector<ItemId> best_with(const Ranking& ranking, ItemId item) {
  std::vector<ItemId> items = {item};
  for (const RankedItem& ranked : ranking.items) {
    if (items.size() > kBest) break;
    if (ranked.item != item) items.push_back(ranked.item);
  }
  return items;
}

std::size_t bytes_of(const std::vector<float>& values) {
  return sizeof(std::pair<ItemId, std::vector<float>>) + values.size() * sizeof(float);
}

}  // namespace

Result<std::vector<ItemThen>> PastKnowledge::items(const storage::InferenceRecord& record,
                                                   const ml::Catalog& layout,
                                                   const std::vector<ItemId>& wanted) {
  const auto stored = store_.items(wanted, record.ranking.catalog_version);
  if (!stored) return stored.error();
  const auto said = CandidateFields::read(record.candidate_fields);
  if (!said) return said.error();
  std::vector<ItemThen> items;
  for (const storage::ItemRecord& item : *stored) {
    const auto fields = candidate_record(domain_, item.payload, said->of(item.id));
    if (!fields) return fields.error();
    items.emplace_back(item.id, layout.pick(fields->values, item.since));
  }
  return items;
}

Result<std::vector<std::vector<float>>> PastKnowledge::of_items(const storage::InferenceRecord& record,
                                                                ml::Person person, const ml::Catalog& layout,
                                                                std::span<const ItemThen> items,
                                                                Values& request) {
  std::vector<std::vector<float>> known(items.size());
  if (plan_.inputs().empty() || !record.ranking.known) return known;
  const Status looked =
      look_back(plan_, store_, {*record.ranking.known, person}, [&](const KnownHistory& then) -> Status {
        const ml::KnownPast past(plan_, then.fold, then.person, moment_of(record.created),
                                 ml::session_of(domain_, request), layout);
        past.tell(request);
        for (std::size_t i = 0; i < items.size(); ++i)
          past.append(ml::known_item(plan_, layout, items[i].first, items[i].second), known[i]);
        return {};
      });
  if (!looked) return looked.error();
  return known;
}

// Nobody's past changes: what is erased is no longer known to the ranking either.
Result<std::vector<float>> PastKnowledge::of_item(const storage::InferenceRecord& record, ml::Person person,
                                                  const ml::Catalog& layout, ItemId item, Values& request) {
  if (plan_.inputs().empty() || !record.ranking.known) return std::vector<float>();
  const std::string task = record.task.to_string();
  if (const auto kept = kept_.find(task); kept != nullptr) {
    if (const auto found = kept->items.find(item); found != kept->items.end()) {
      tell(kept->person, request);
      return found->second;
    }
  }
  const auto best = items(record, layout, best_with(record.ranking, item));
  if (!best) return best.error();
  const auto values = of_items(record, person, layout, *best, request);
  if (!values) return values.error();
  auto known = std::make_shared<Known>();
  known->person = request;
  std::size_t bytes = task.size() + request.numbers.size() * sizeof(double);
  for (std::size_t i = 0; i < best->size(); ++i) {
    bytes += bytes_of((*values)[i]);
    known->items.emplace((*best)[i].first, (*values)[i]);
  }
  for (const Words& words : request.words) {
    if (!words) continue;
    for (const std::string& word : *words) bytes += sizeof(std::string) + word.size();
  }
  kept_.forget(task);
  kept_.keep(task, known, bytes);
  return known->items[item];
}

void PastKnowledge::tell(const Values& person, Values& request) const {
  for (const HistoryFeature& feature : domain_.histories) {
    if (!feature.of_request()) continue;
    if (feature.makes_words())
      request.words[feature.column] = person.words[feature.column];
    else
      request.numbers[feature.column] = person.numbers[feature.column];
  }
}

}  // namespace rankloop::app
