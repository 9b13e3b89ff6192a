// Metrics of lists: their names, and what each makes of what was told.
#include "app/learn/list_metric.h"

#include <algorithm>
#include <map>
#include <utility>

namespace rankloop::app {
namespace {

constexpr double kRounding = 1e-6;  // credits are stored as float32
constexpr std::size_t kPick = 0;    // the first of every domain's kinds
constexpr std::size_t kNoKind = ~std::size_t{0};

double earned_by(std::size_t arm, const ml::Credit& credit) {
  return arm == 0 ? credit.first : credit.second;
}

bool leads(const ml::Credit& credit, std::size_t arm) {
  const double lead = credit.first - credit.second;
  return (arm == 0 ? lead : -lead) > kRounding;
}

}  // namespace

ListOutcome outcome_of_list(const storage::RequestOutcome& request, std::span<const FeedbackRule> rules,
                            std::span<const Placement> placed) {
  ListOutcome list;
  std::map<std::pair<ItemId, std::size_t>, std::size_t> known;  // where what was told of it stands
  for (const storage::Feedback& feedback : request.feedback) {
    if (feedback.kind == kNoneKind) ++list.nones;
    const FeedbackRule* const rule = rule_of(rules, feedback.kind);
    if (rule == nullptr || !feedback.item) continue;
    if (rule->within && feedback.at - request.created > *rule->within) continue;
    const ToldItem told{.kind = static_cast<std::size_t>(rule - rules.data()),
                        .value = feedback.value,
                        .reward = feedback.weight * reward_of(*rule, feedback.value),
                        .credit = ml::credit_at(placed, feedback.rank)};
    const auto [before, is_new] = known.try_emplace({*feedback.item, told.kind}, list.told.size());
    if (is_new) {
      list.told.push_back(told);
    } else if (told.kind != kPick) {
      list.told[before->second] = told;
    }
  }
  return list;
}

std::optional<ListMetric> ListMetric::named(std::string_view name, std::span<const FeedbackRule> rules) {
  for (ListMetric& each : list_metrics(rules)) {
    if (each.name_ == name) return std::move(each);
  }
  return std::nullopt;
}

ListMetric ListMetric::of_design(const std::string& name, std::span<const FeedbackRule> rules) {
  auto found = named(name, rules);
  return found ? *std::move(found) : ListMetric{name, What::kNothing, kNoKind, false};
}

bool ListMetric::is_rate() const {
  return name_.ends_with("_rate");
}

bool ListMetric::is_of_an_arm() const {
  return what_ != What::kOutcomeRate && what_ != What::kNoneRate;
}

double ListMetric::worth(const ToldItem& told) const {
  if (what_ == What::kReward) return told.reward;
  return what_ == What::kValue ? told.value : 1;
}

double ListMetric::of(const ListOutcome& list) const {
  const auto picked = [](const ToldItem& told) { return told.kind == kPick; };
  if (what_ == What::kOutcomeRate) return list.nones > 0 || !list.told.empty() ? 1 : 0;
  if (what_ == What::kNoneRate) return list.nones > 0 && std::ranges::none_of(list.told, picked) ? 1 : 0;
  double sum = 0;
  for (const ToldItem& told : list.told) sum += counts(told) ? worth(told) : 0;
  return what_ == What::kRate ? std::min(sum, 1.0) : sum;
}

double ListMetric::of_arm(const ListOutcome& list, std::size_t arm) const {
  ml::Credit credit;
  for (const ToldItem& told : list.told) {
    if (!counts(told)) continue;
    credit.first += worth(told) * told.credit.first;
    credit.second += worth(told) * told.credit.second;
  }
  if (what_ == What::kRate) return leads(credit, arm) ? 1 : 0;
  return earned_by(arm, credit);
}

std::vector<ListMetric> list_metrics(std::span<const FeedbackRule> rules) {
  using What = ListMetric::What;
  std::vector<ListMetric> metrics;
  const auto add = [&](std::string name, What what, std::size_t kind, bool less_is_better) {
    const bool taken = std::ranges::find(metrics, name, &ListMetric::name_) != metrics.end();
    if (!taken) metrics.push_back({std::move(name), what, kind, less_is_better});
  };
  add(std::string{ListMetric::kPickRate}, What::kRate, kPick, false);
  add("value", What::kValue, kPick, false);
  add("picks", What::kCount, kPick, false);
  add("outcome_rate", What::kOutcomeRate, kNoKind, false);
  add(std::string{ListMetric::kNoneRate}, What::kNoneRate, kNoKind, true);
  add("reward", What::kReward, kNoKind, false);
  for (std::size_t kind = kPick + 1; kind < rules.size(); ++kind) {
    const bool less_is_better = rules[kind].reward < 0;
    add(rules[kind].name + "_rate", What::kRate, kind, less_is_better);
    if (rules[kind].valued) add(rules[kind].name + "_value", What::kValue, kind, less_is_better);
  }
  return metrics;
}

std::vector<std::string> names_of_metrics(std::span<const FeedbackRule> rules) {
  std::vector<std::string> names;
  for (const ListMetric& metric : list_metrics(rules)) names.push_back(metric.name());
  return names;
}

ml::Credit credit_of_picks(const ListOutcome& list) {
  ml::Credit credit;
  for (const ToldItem& told : list.told) {
    if (told.kind != kPick) continue;
    credit.first += told.credit.first;
    credit.second += told.credit.second;
  }
  return credit;
}

std::optional<std::size_t> won_by_picks(const ListOutcome& list) {
  const ml::Credit credit = credit_of_picks(list);
  if (leads(credit, 0)) return 0;
  return leads(credit, 1) ? std::optional<std::size_t>{1} : std::nullopt;
}

}  // namespace rankloop::app
