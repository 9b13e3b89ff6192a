// Adds up what the feedback of each list says by one target.
#include "app/watch/target_tally.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <boost/json/array.hpp>

#include "app/learn/models.h"
#include "domain/ledger_words.h"

namespace rankloop::app {
namespace {

constexpr double kZ = 1.959963984540054;  // of 95 %

using ByModel = std::map<std::int64_t, TargetCounts>;

void add(TargetCounts& sum, const TargetCounts& one) {
  sum.shown += one.shown;
  sum.told += one.told;
  sum.items += one.items;
  sum.worth += one.worth;
  sum.squared += one.squared;
}

std::vector<TargetOfModel> listed(const ByModel& models) {
  std::vector<TargetOfModel> list;
  for (const auto& [id, counts] : models) list.push_back({{id}, counts});
  return list;
}

boost::json::object object_of(const TargetCounts& counts) {
  boost::json::object object;
  object["shown"] = counts.shown;
  object["told"] = counts.told;
  object["items"] = counts.items;
  object["worth"] = counts.worth;
  const auto rate = pick_rate({{}, counts.shown, counts.told, 0, 0});
  object["share"] = rate ? boost::json::value(rate->rate) : nullptr;
  object["share_ci"] = rate ? boost::json::value{rate->low, rate->high} : nullptr;
  const auto n = static_cast<double>(counts.shown);
  const bool some = counts.shown > 1;
  const double mean = some ? counts.worth / n : 0;
  const double variance = some ? std::max(0.0, (counts.squared - n * mean * mean) / (n - 1)) : 0;
  const double width = some ? kZ * std::sqrt(variance / n) : 0;
  object["mean"] = some ? boost::json::value(mean) : nullptr;
  object["mean_ci"] = some ? boost::json::value{mean - width, mean + width} : nullptr;
  return object;
}

boost::json::array array_of(const std::vector<TargetOfModel>& models) {
  boost::json::array array;
  for (const TargetOfModel& of : models) {
    boost::json::object object = object_of(of.counts);
    object["model_id"] = of.model.value == 0 ? boost::json::value(nullptr) : of.model.value;
    array.push_back(std::move(object));
  }
  return array;
}

}  // namespace

TargetTally::TargetTally(std::span<const FeedbackRule> rules, std::string_view target, std::size_t positions)
    : most_positions_(positions) {
  report_.name = target;
  target_.name = target;
  const FeedbackRule* const rule = rule_of(rules, target);
  if (target == LearningTarget::kReward || target == LearningTarget::kValue || rule == nullptr) {
    rules_.assign(rules.begin(), rules.end());
    report_.valued = true;
    return;
  }
  rules_.push_back(*rule);
  any_ = true;
  report_.valued = rule->valued;
  if (rule->valued) target_.name = LearningTarget::kValue;
}

void TargetTally::add(const storage::ShownRequest& request, std::optional<ModelId> model) {
  const std::vector<RankedItem>& items = request.ranking.items;
  const Outcome outcome = outcome_of(request, items.size(), rules_, target_);
  const std::size_t positions = std::min(items.size(), most_positions_);
  report_.positions.resize(std::max(report_.positions.size(), positions));
  TargetCounts list{.shown = 1};
  for (std::size_t i = 0; i < items.size(); ++i) {
    TargetCounts item{.shown = 1};
    if (outcome.told.contains(items[i].item)) {
      item.worth = outcome.worth_of(items[i].item);
      item.told = any_ || item.worth > 0 ? 1 : 0;
      item.items = item.told;
      item.squared = item.worth * item.worth;
      list.items += item.items;
      list.worth += item.worth;
    }
    if (i < positions && !is_pinned(request.ranking.policy, i + 1)) app::add(report_.positions[i], item);
  }
  list.told = list.items > 0 ? 1 : 0;
  list.squared = list.worth * list.worth;
  if (model) lists_.push_back({request.created, *model, list});
}

TargetReport TargetTally::report(WallTime from, std::chrono::milliseconds length) const {
  TargetReport report = report_;
  ByModel models;
  std::map<std::int64_t, ByModel> periods;
  for (const Listed& list : lists_) {
    app::add(models[list.model.value], list.counts);
    app::add(periods[(list.at - from) / length][list.model.value], list.counts);
  }
  report.models = listed(models);
  for (const auto& [index, of_period] : periods) {
    report.periods.push_back({from + index * length, listed(of_period)});
  }
  return report;
}

boost::json::object to_json(const TargetReport& report) {
  boost::json::array periods;
  for (const TargetPeriod& period : report.periods) {
    periods.push_back(
        boost::json::object{{"from", to_iso8601(period.from)}, {"models", array_of(period.models)}});
  }
  boost::json::array positions;
  for (const TargetCounts& at : report.positions) {
    boost::json::object object = object_of(at);
    object["position"] = positions.size() + 1;
    positions.push_back(std::move(object));
  }
  boost::json::object json;
  json["kind"] = report.name;
  json["valued"] = report.valued;
  json["models"] = array_of(report.models);
  json["periods"] = std::move(periods);
  json["positions"] = std::move(positions);
  return json;
}

}  // namespace rankloop::app
