// Adds up the feedback of one request.
#include "app/learn/outcome.h"

#include <algorithm>
#include <unordered_set>

#include "domain/keyed_hash.h"

namespace rankloop::app {
namespace {

double worth_of(const storage::Feedback& feedback, const FeedbackRule& rule, const LearningTarget& target) {
  if (target.name == LearningTarget::kReward) return feedback.weight * reward_of(rule, feedback.value);
  if (target.name == LearningTarget::kValue) return rule.valued ? feedback.weight * feedback.value : 0;
  return feedback.kind == target.name ? feedback.weight : 0;
}

bool too_late(const storage::ShownRequest& request, const storage::Feedback& feedback,
              const FeedbackRule& rule) {
  return rule.within && feedback.at - request.created > *rule.within;
}

// Whether something may still come that counts.
bool awaits_more(const storage::ShownRequest& request, std::span<const FeedbackRule> rules,
                 const LearningTarget& target) {
  return target.now - request.created < longest_wait(rules);
}

// Only where picks count people: then they share the choosers with those who chose none.
double choosers_of(const Outcome& outcome) {
  double people = outcome.none;
  for (const auto& [item, kinds] : outcome.told) {
    double most = 0;
    for (const auto& [kind, told] : kinds) most = std::max(most, told.people);
    people += most;
  }
  return people;
}

}  // namespace

double Outcome::worth_of(ItemId item) const {
  const auto kinds = told.find(item);
  if (kinds == told.end()) return 0;
  double worth = 0;
  for (const auto& [kind, told_of] : kinds->second)
    worth += std::min(1.0, told_of.people / choosers) * told_of.worth;
  return worth;
}

Outcome outcome_of(const storage::ShownRequest& request, std::size_t most,
                   std::span<const FeedbackRule> rules, const LearningTarget& target) {
  Outcome outcome;
  bool counted = false;
  bool closed = false;
  for (const storage::Feedback& feedback : request.feedback) {
    if (!feedback.evidence) continue;
    if (feedback.kind == kNoneKind) {
      outcome.none = std::max(outcome.none, feedback.people);
      counted |= feedback.people > 1;
      closed = true;
      continue;
    }
    const FeedbackRule* const rule = rule_of(rules, feedback.kind);
    if (rule == nullptr || !feedback.item || too_late(request, feedback, *rule)) continue;
    closed |= rule->closes;
    if (static_cast<std::size_t>(feedback.rank) > most) {
      outcome.below = true;
      continue;
    }
    Outcome::Told& told = outcome.told[*feedback.item][feedback.kind];
    told.people = std::max(told.people, feedback.people);  // the same again changes nothing
    told.worth = worth_of(feedback, *rule, target);
    counted |= feedback.people > 1;
  }
  if (counted) outcome.choosers = choosers_of(outcome);
  outcome.awaited = !closed && awaits_more(request, rules, target);
  return outcome;
}

std::vector<ItemId> chosen_items(const storage::ShownRequest& request, std::size_t most,
                                 std::span<const FeedbackRule> rules, const LearningTarget& target) {
  std::vector<ItemId> chosen;
  if (request.feedback.empty()) return chosen;
  const Outcome outcome = outcome_of(request, most, rules, target);
  std::unordered_set<ItemId, KeyedHash> known;
  for (const storage::Feedback& feedback : request.feedback) {
    if (!feedback.evidence || !feedback.item || !(outcome.label_of(*feedback.item) > 0)) continue;
    if (known.insert(*feedback.item).second) chosen.push_back(*feedback.item);
  }
  return chosen;
}

std::vector<std::string_view> target_names(std::span<const FeedbackRule> rules) {
  std::vector<std::string_view> names = {LearningTarget::kReward, LearningTarget::kValue};
  for (const FeedbackRule& rule : rules) {
    if (std::ranges::find(names, rule.name) == names.end()) names.push_back(rule.name);
  }
  return names;
}

bool is_target(std::string_view name, std::span<const FeedbackRule> rules) {
  return std::ranges::count(target_names(rules), name) > 0;
}

}  // namespace rankloop::app
