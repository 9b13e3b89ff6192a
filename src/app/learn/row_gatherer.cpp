// Gathers what was shown, and looks up what it was ranked on.
#include "app/learn/row_gatherer.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "app/serve/history_walk.h"
#include "domain/candidate_fields.h"
#include "ml/random_numbers.h"

namespace rankloop::app {
namespace {

std::uint64_t person_of(const storage::ShownRequest& request) {
  return request.person.empty() ? ml::mix_bits(static_cast<std::uint64_t>(request.id.value))
                                : ml::person_number(request.person);
}

}  // namespace

void RowGatherer::add(const storage::ShownRequest& shown, bool outcome_needed) {
  const bool imported = shown.source == RequestSource::kImport;
  const std::size_t items = shown.ranking.items.size();
  const std::size_t most = imported || most_shown_ == 0 ? items : std::min(items, most_shown_);
  const Outcome outcome = outcome_of(shown, most, domain_.feedback, target_);
  if (!outcome.known() && outcome_needed) {
    ++lineage_.without_outcome;
    lineage_.awaited += outcome.awaited ? 1 : 0;
    lineage_.picked_below += outcome.below ? 1 : 0;
    return;
  }
  Result<Record> record = domain_.requests.read(shown.payload);
  const Result<CandidateFields> said = CandidateFields::read(shown.candidate_fields);
  if (!record || !said) {
    ++lineage_.unreadable;
    return;
  }
  corpus_.want(record->values.texts);
  const auto index = static_cast<std::uint32_t>(requests_.size());
  GatheredRequest request{{shown.id, person_of(shown), shown.ranking.model, shown.created, imported,
                           positions_say_nothing(shown.ranking.policy), std::move(record->values),
                           shown.known.value_or(0), !shown.person.empty()},
                          rows_.size()};
  add_rows(shown, outcome, *said, most, index, request.said);
  request.last_row = rows_.size();
  count(request, outcome);
  requests_.push_back(std::move(request));
}

// But for items that were pinned: where they stood, and so whether they were picked, is the pin's doing.
void RowGatherer::add_rows(const storage::ShownRequest& shown, const Outcome& outcome,
                           const CandidateFields& fields_of, std::size_t most, std::uint32_t index,
                           std::string& said) {
  for (std::size_t i = 0; i < most; ++i) {
    if (is_pinned(shown.ranking.policy, i + 1)) continue;
    const RankedItem& ranked = shown.ranking.items[i];
    rows_.push_back({index,
                     ranked.item,
                     shown.ranking.catalog_version,
                     {static_cast<std::int32_t>(i + 1), ranked.propensity, shown.ranking.model, 0},
                     static_cast<float>(outcome.label_of(ranked.item)),
                     static_cast<float>(outcome.choosers)});
    versions_.try_emplace(ranked.item);
    const std::string_view fields = fields_of.of(ranked.item);
    if (fields.empty()) continue;
    append_candidate(said, ranked.item, fields);
    spoken_of_.insert(ranked.item);
  }
}

void RowGatherer::bound_people(std::size_t limit) {
  if (limit == 0) return;
  std::unordered_map<std::uint64_t, std::size_t> counts;
  for (const GatheredRequest& request : requests_) ++counts[request.about.person];
  for (GatheredRequest& request : requests_) {
    const std::size_t count = counts[request.about.person];
    if (count > limit) request.weight = static_cast<float>(limit) / static_cast<float>(count);
  }
}

Status RowGatherer::read_items(storage::LearningReads& store, const std::stop_token& stop) {
  Status fault;
  const auto visit = [&](const storage::ItemRecord& item) {
    if (stop.stop_requested()) return false;
    fault = take(item);
    return fault.ok();
  };
  const Status read = matches_ ? store.every_item_version(visit) : store.each_item_version(shown(), visit);
  corpus_.settle();
  return read ? fault : read;
}

Status RowGatherer::read_histories(storage::LearningReads& store, const std::stop_token& stop) {
  if (domain_.histories.empty()) return {};
  std::vector<HistoryStop> stops;
  for (const GatheredRequest& request : requests_)
    stops.push_back({request.about.known, request.about.known_person()});
  known_.assign(rows_.size() * domain_.histories.size(), std::numeric_limits<float>::quiet_NaN());
  return walk_history(
      history_, store, stops,
      [&](std::size_t at, const KnownHistory& known) { return know(requests_[at], known); }, stop);
}

std::vector<std::uint32_t> RowGatherer::in_order() const {
  std::vector<std::pair<WallTime, std::uint32_t>> imported, ours;
  WallTime latest{};
  for (std::uint32_t r = 0; r < requests_.size(); ++r) {
    const TestRequest& about = requests_[r].about;
    if (!about.imported) latest = std::max(latest, about.at);
    (about.imported ? imported : ours).emplace_back(about.imported ? about.at : latest, r);
  }
  std::sort(imported.begin(), imported.end());
  std::vector<std::pair<WallTime, std::uint32_t>> merged;
  std::merge(imported.begin(), imported.end(), ours.begin(), ours.end(), std::back_inserter(merged),
             [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::uint32_t> order;
  for (const auto& [at, request] : merged) order.push_back(request);
  return order;
}

Result<DatasetPart> RowGatherer::part(std::span<const std::uint32_t> requests) const {
  DatasetPart part;
  ml::LabelledRows& rows = part.rows;
  rows = features_.no_rows();
  for (const std::uint32_t index : requests) {
    const GatheredRequest& request = requests_[index];
    if (request.first_row == request.last_row) continue;
    const Result<CandidateFields> said = CandidateFields::read(request.said);
    if (!said) return said.error();
    // A list is ranked on one version of the catalog.
    auto asked = features_.asked(request.about.values, corpus_.at(rows_[request.first_row].catalog_version));
    for (std::size_t r = request.first_row; r < request.last_row; ++r) {
      const GatheredRow& row = rows_[r];
      const Version* version = version_of(row);
      if (version == nullptr) continue;  // a list imported with an item that never was
      const auto values = values_of(*version, said->of(row.item));
      if (!values) return values.error();
      if (!known_.empty()) features_.know(asked, known_of(r));
      features_.append(asked, *values, rows);
      rows.labels.push_back(row.label);
      rows.weights.push_back(row.weight * request.weight);
      rows.requests.push_back(request.about.id.value);
      rows.items.push_back(row.item);
      rows.people.push_back(request.about.known_person());
      rows.shown.push_back(row.shown);
      rows.shown.back().item_version = version->version;
      part.randomised.push_back(request.about.randomised ? 1 : 0);
    }
  }
  return part;
}

std::vector<ItemId> RowGatherer::shown() const {
  std::vector<ItemId> shown;
  shown.reserve(versions_.size());
  for (const auto& [id, versions] : versions_) shown.push_back(id);
  std::sort(shown.begin(), shown.end());
  return shown;
}

Status RowGatherer::take(const storage::ItemRecord& item) {
  Result<Record> record = item.deleted ? Record{} : domain_.candidates.read(item.payload);
  if (!record) return record.error();
  if (matches_) corpus_.add(item.id, item.version, record->values.texts);
  const auto shown = versions_.find(item.id);
  if (shown != versions_.end() && !item.deleted)
    shown->second.push_back({item.version, layout_->pick(record->values, item.since),
                             spoken_of_.contains(item.id) ? item.payload : std::string{}});
  return {};
}

void RowGatherer::count(const GatheredRequest& request, const Outcome& outcome) {
  if (outcome.none_chosen()) ++lineage_.none_chosen;
  lineage_.imported += request.about.imported ? 1 : 0;
  lineage_.randomised += request.about.randomised ? 1 : 0;
  lineage_.lone += request.last_row - request.first_row == 1 ? 1 : 0;
}

Result<ml::ItemValues> RowGatherer::values_of(const Version& item, std::string_view said) const {
  if (said.empty()) return item.values;
  const Result<Record> record = candidate_record(domain_, item.payload, said);
  if (!record) return record.error();
  ml::ItemValues values = layout_->pick(record->values);
  values.since = item.values.since;
  return values;
}

std::span<float> RowGatherer::known_of(std::size_t row) {
  return std::span{known_}.subspan(row * domain_.histories.size(), domain_.histories.size());
}

std::span<const float> RowGatherer::known_of(std::size_t row) const {
  return std::span{known_}.subspan(row * domain_.histories.size(), domain_.histories.size());
}

Status RowGatherer::know(GatheredRequest& request, const KnownHistory& known) {
  const ml::KnownPast past(history_, known.fold, known.person, moment_of(request.about.at),
                           ml::session_of(domain_, request.about.values), *layout_);
  past.tell(request.about.values);
  const Result<CandidateFields> said = CandidateFields::read(request.said);
  if (!said) return said.error();
  std::vector<float> values;
  for (std::size_t r = request.first_row; r < request.last_row; ++r) {
    const Version* version = version_of(rows_[r]);
    if (version == nullptr) continue;
    const auto item = values_of(*version, said->of(rows_[r].item));
    if (!item) return item.error();
    values.clear();
    past.append(ml::known_item(history_, *layout_, rows_[r].item, *item), values);
    std::ranges::copy(values, known_of(r).begin());
  }
  return {};
}

const RowGatherer::Version* RowGatherer::version_of(const GatheredRow& row) const {
  const std::vector<Version>& versions = versions_.at(row.item);
  const auto after =
      std::upper_bound(versions.begin(), versions.end(), row.catalog_version,
                       [](std::int64_t at, const Version& version) { return at < version.version; });
  return after == versions.begin() ? nullptr : &*std::prev(after);
}

}  // namespace rankloop::app
