// Tallies the newest shown requests by model, moment, position and item.
#include "app/watch/performance.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>

#include "app/learn/models.h"
#include "domain/keyed_hash.h"
#include "domain/ledger_words.h"

namespace rankloop::app {
namespace {

constexpr std::int64_t kPeriods = 24;
constexpr std::size_t kPositions = 20;
constexpr std::chrono::seconds kFresh{10};
constexpr double kZ = 1.959963984540054;  // of 95 %

using ByModel = std::map<std::int64_t, Outcomes>;

struct Asked {
  WallTime at;
  storage::ModelCounts counts;  // of this request alone
};

void add(ByModel& models, const storage::ModelCounts& request) {
  Outcomes& sum = models[request.model.value];
  sum.counts.model = request.model;
  sum.counts.shown += request.shown;
  sum.counts.picked += request.picked;
  sum.counts.none += request.none;
  sum.counts.value += request.value;
  sum.squared_value += request.value * request.value;
}

std::vector<Outcomes> listed(const ByModel& models) {
  std::vector<Outcomes> list;
  for (const auto& [id, outcomes] : models) list.push_back(outcomes);
  return list;
}

class Tally {
 public:
  // Borrows both.
  Tally(std::span<const FeedbackRule> rules, const LearningTarget& target)
      : rules_(rules), target_(target), outcomes_(rules, target.name, kPositions) {}

  void add(const storage::ShownRequest& request) {
    if (request.source == RequestSource::kImport) return;
    const std::vector<RankedItem>& items = request.ranking.items;
    positions_.resize(std::max(positions_.size(), std::min(items.size(), kPositions)));
    for (std::size_t i = 0; i < items.size(); ++i) {
      const bool pinned = is_pinned(request.ranking.policy, i + 1);
      if (i < kPositions && !pinned) ++positions_[i].shown;
      ++items_[items[i].item].shown;
    }
    const bool together = request.ranking.policy.kind == PolicyKind::kInterleaved;
    storage::ModelCounts counts{together ? storage::kTwoModels : request.ranking.model, 1, 0, 0, 0};
    std::unordered_set<ItemId, KeyedHash> picked;
    for (const storage::Feedback& feedback : request.feedback) {
      if (!feedback.evidence) continue;
      if (feedback.kind == kNoneKind) counts.none = 1;
      if (feedback.kind != kPickKind || !feedback.item || !picked.insert(*feedback.item).second) continue;
      counts.value += feedback.value;
      const auto at = static_cast<std::size_t>(feedback.rank) - 1;
      if (at < positions_.size() && !is_pinned(request.ranking.policy, at + 1)) ++positions_[at].picked;
      ++items_[*feedback.item].picked;
    }
    counts.picked = picked.empty() ? 0 : 1;
    if (counts.picked > 0) counts.none = 0;  // a pick before or since takes it back
    asked_.push_back({request.created, counts});
    if (!together) kinds_.add(request, request.ranking.model);
    outcomes_.add(request, together ? std::nullopt : std::optional(request.ranking.model));
    if (positions_say_nothing(request.ranking.policy)) add_randomised(request);
  }

  PerformanceReport report() && {
    PerformanceReport report;
    report.positions = std::move(positions_);
    report.kinds = kinds_.list();
    for (const auto& [item, counts] : items_) report.items.push_back({item, counts});
    std::sort(report.items.begin(), report.items.end(), [](const ItemShown& a, const ItemShown& b) {
      return a.counts.shown != b.counts.shown ? a.counts.shown > b.counts.shown : a.item.value < b.item.value;
    });
    report.requests = static_cast<std::int64_t>(asked_.size());
    report.chosen_by = target_.name;
    report.outcomes.name = target_.name;
    report.randomised = randomised_;
    report.randomised_picks = randomised_picks_;
    report.examined = {PositionSource::kRandomOrders, randomised_, randomised_picks_,
                       ml::estimate_examination(at_random_, kPositions)};
    if (asked_.empty()) return report;
    const auto by_time = [](const Asked& a, const Asked& b) { return a.at < b.at; };
    const auto [first, last] = std::minmax_element(asked_.begin(), asked_.end(), by_time);
    report.from = first->at;
    report.until = last->at;
    // One more than the span over the number of periods, so that the last request lies in the last one.
    report.length = std::chrono::milliseconds{(report.until - report.from).count() / kPeriods + 1};
    report.outcomes = outcomes_.report(report.from, report.length);
    ByModel models;
    std::map<std::int64_t, ByModel> periods;
    for (const Asked& asked : asked_) {
      if (asked.counts.model == storage::kTwoModels) continue;
      app::add(models, asked.counts);
      app::add(periods[(asked.at - report.from) / report.length], asked.counts);
    }
    report.models = listed(models);
    for (const auto& [index, of_period] : periods) {
      report.periods.push_back({report.from + index * report.length, listed(of_period)});
    }
    return report;
  }

 private:
  // By the first item that was chosen of it.
  void add_randomised(const storage::ShownRequest& request) {
    const std::vector<RankedItem>& items = request.ranking.items;
    const std::vector<ItemId> chosen = chosen_items(request, items.size(), rules_, target_);
    ++randomised_;
    if (!chosen.empty()) ++randomised_picks_;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (is_pinned(request.ranking.policy, i + 1)) continue;
      const bool first = !chosen.empty() && items[i].item == chosen.front();
      at_random_.add(static_cast<std::int32_t>(i + 1), 1, first ? 1 : 0);
    }
  }

  const std::span<const FeedbackRule> rules_;
  const LearningTarget& target_;
  std::vector<Asked> asked_;
  ToldKinds kinds_{kPositions};
  TargetTally outcomes_;
  std::int64_t randomised_ = 0;
  std::int64_t randomised_picks_ = 0;
  ml::PositionCounts at_random_;
  std::vector<Shown> positions_;
  std::unordered_map<ItemId, Shown, KeyedHash> items_;
};

boost::json::object object_of(const Outcomes& outcomes) {
  const storage::ModelCounts& counts = outcomes.counts;
  boost::json::object object;
  object["model_id"] = counts.model.value == 0 ? boost::json::value(nullptr) : counts.model.value;
  object["shown"] = counts.shown;
  object["picked"] = counts.picked;
  object["none"] = counts.none;
  object["value"] = counts.value;
  const auto rate = pick_rate(counts);
  object["pick_rate"] = rate ? boost::json::value(rate->rate) : nullptr;
  object["pick_rate_ci"] = rate ? boost::json::value{rate->low, rate->high} : nullptr;
  const auto value = mean_value(outcomes);
  object["mean_value"] = value ? boost::json::value(value->mean) : nullptr;
  object["mean_value_ci"] = value ? boost::json::value{value->low, value->high} : nullptr;
  return object;
}

boost::json::array array_of(const std::vector<Outcomes>& models) {
  boost::json::array array;
  for (const Outcomes& outcomes : models) array.push_back(object_of(outcomes));
  return array;
}

boost::json::object position_object(std::int64_t position, const Shown& at) {
  boost::json::object object;
  object["position"] = position;
  object["shown"] = at.shown;
  object["picked"] = at.picked;
  const auto rate = pick_rate({{}, at.shown, at.picked, 0, 0});
  object["pick_rate"] = rate ? boost::json::value(rate->rate) : nullptr;
  object["pick_rate_ci"] = rate ? boost::json::value{rate->low, rate->high} : nullptr;
  return object;
}

boost::json::value examination_of(const PerformanceReport& report) {
  const Examined& examined = report.examined;
  if (examined.positions.empty()) return nullptr;
  boost::json::array positions;
  for (const ml::ExaminedPosition& at : examined.positions) {
    boost::json::object object;
    object["position"] = positions.size() + 1;
    object["examination"] = at.examination;
    object["ci"] = {at.low, at.high};
    positions.push_back(std::move(object));
  }
  return boost::json::object{{"kind", report.chosen_by},
                             {"evidence", name_of(examined.source)},
                             {"requests", examined.requests},
                             {"picks", examined.picks},
                             {"positions", std::move(positions)}};
}

boost::json::value position_model_of(const std::optional<ml::PositionModelTest>& test) {
  if (!test) return nullptr;
  boost::json::object object;
  object["picks"] = test->picks;
  object["last_positions"] = boost::json::value_from(test->last_positions);
  object["score_bins"] = test->bins;
  object["chi_squared"] = test->chi_squared;
  object["degrees"] = test->degrees;
  object["p_value"] = test->p_value;
  object["worst_on_top"] = test->worst_on_top;
  object["worst_on_top_expected"] = test->worst_on_top_expected;
  return object;
}

// By swaps, where random orders say too little and swaps enough.
Examined examined_by(Examined at_random, const std::vector<ml::Swap>& swaps) {
  if (static_cast<double>(at_random.picks) >= kFewestPicksAtRandom) return at_random;
  const auto harvest = ml::harvest_attraction(swaps, kPositions);
  if (!harvest) return at_random;
  Examined examined{PositionSource::kSwaps, static_cast<std::int64_t>(harvest->requests),
                    static_cast<std::int64_t>(harvest->picks)};
  const ml::Attraction& found = harvest->attraction;
  for (std::size_t k = 0; k < found.curve.at_position.size(); ++k) {
    examined.positions.push_back(
        {found.curve.at_position[k], found.steeper.at_position[k], found.flatter.at_position[k]});
  }
  return examined;
}

}  // namespace

std::optional<MeanValue> mean_value(const Outcomes& outcomes) {
  if (outcomes.counts.shown < 2) return std::nullopt;
  const auto n = static_cast<double>(outcomes.counts.shown);
  const double mean = outcomes.counts.value / n;
  const double variance = std::max(0.0, (outcomes.squared_value - n * mean * mean) / (n - 1));
  const double width = kZ * std::sqrt(variance / n);
  return MeanValue{mean, mean - width, mean + width};
}

Result<PerformanceReport> Performance::report(const std::string& target) {
  const Lock lock{mutex_};
  const auto last = last_.find(target);
  if (last != last_.end() && clock_.monotonic() - last->second.at < kFresh) return last->second.report;
  LearningTarget wanted = preset_;
  wanted.name = target;
  Result<PerformanceReport> measured = measure(wanted);
  if (measured) last_.insert_or_assign(target, Measured{*measured, clock_.monotonic()});
  return measured;
}

Result<PerformanceReport> Performance::measure(const LearningTarget& target) {
  Tally tally(domain_.feedback, target);
  constexpr RankingBudget kBudget{.rows = 5'000'000, .rankings = 500};
  // Both go by the same requests, so they are read once.
  const auto observed = positions_.gather(target, kBudget, {},
                                          [&](const storage::ShownRequest& request) { tally.add(request); });
  if (!observed) return observed.error();
  PerformanceReport report = std::move(tally).report();
  for (const std::string_view name : target_names(domain_.feedback)) report.targets.emplace_back(name);
  report.examined = examined_by(std::move(report.examined), observed->swaps);
  report.position_model = ml::test_position_model(observed->at_random);
  return report;
}

std::string to_json(const PerformanceReport& report) {
  boost::json::object json;
  json["requests"] = report.requests;
  const bool any = report.requests > 0;
  json["from"] = any ? boost::json::value(to_iso8601(report.from)) : nullptr;
  json["until"] = any ? boost::json::value(to_iso8601(report.until)) : nullptr;
  json["period_seconds"] = std::chrono::duration<double>(report.length).count();
  json["models"] = array_of(report.models);
  boost::json::array periods;
  for (const Period& period : report.periods) {
    boost::json::object object;
    object["from"] = to_iso8601(period.from);
    object["models"] = array_of(period.models);
    periods.push_back(std::move(object));
  }
  json["periods"] = std::move(periods);
  boost::json::array positions;
  for (const Shown& at : report.positions) {
    positions.push_back(position_object(static_cast<std::int64_t>(positions.size()) + 1, at));
  }
  json["positions"] = std::move(positions);
  json["feedback"] = to_json(report.kinds);
  json["targets"] = boost::json::value_from(report.targets);
  json["chosen_by"] = report.chosen_by;
  json["outcomes"] = to_json(report.outcomes);
  json["examination"] = examination_of(report);
  json["position_model"] = position_model_of(report.position_model);
  return boost::json::serialize(json);
}

std::string items_to_json(const PerformanceReport& report, ItemNames& names, std::int64_t limit) {
  boost::json::object json;
  json["requests"] = report.requests;
  json["shown_items"] = report.items.size();
  boost::json::array items;
  for (const ItemShown& item : report.items) {
    if (static_cast<std::int64_t>(items.size()) == limit) break;
    boost::json::object object;
    object[names.domain().item_id_field] = names.value(item.item);
    object["shown"] = item.counts.shown;
    object["picked"] = item.counts.picked;
    items.push_back(std::move(object));
  }
  json["items"] = std::move(items);
  return boost::json::serialize(json);
}

}  // namespace rankloop::app
