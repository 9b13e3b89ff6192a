// The kinds of feedback: bounds of values, and their meaning in words.
#include "domain/feedback.h"

#include <algorithm>
#include <cmath>

#include "domain/field_value.h"
#include "domain/units.h"

namespace rankloop {

const FeedbackRule* rule_of(std::span<const FeedbackRule> rules, std::string_view kind) {
  const auto found = std::ranges::find(rules, kind, &FeedbackRule::name);
  return found == rules.end() ? nullptr : &*found;
}

std::chrono::milliseconds longest_wait(std::span<const FeedbackRule> rules) {
  std::chrono::milliseconds longest{0};
  for (const FeedbackRule& rule : rules) longest = std::max(longest, rule.within.value_or(longest));
  return longest;
}

std::string value_fault(const FeedbackRule& rule, std::optional<double> value) {
  if (!rule.valued)
    return value ? rule.name + " has no value, only that it happened: leave it out" : std::string{};
  const bool bounded = std::isfinite(rule.maximum);
  const std::string allowed = bounded ? describe_number(rule.minimum) + " to " + describe_number(rule.maximum)
                                      : "at least " + describe_number(rule.minimum);
  if (!value && rule.preset) return {};
  if (!value) return "a " + rule.name + " needs a value: " + allowed;
  if (*value >= rule.minimum && *value <= rule.maximum) return {};
  return "the value of a " + rule.name + " should be " + allowed + ", not " + describe_number(*value);
}

FeedbackRule pick_rule() {
  FeedbackRule rule;
  rule.name = kPickKind;
  rule.valued = true;
  rule.preset = 1;
  return rule;
}

std::string canonical_text(const FeedbackRule& rule) {
  std::string text = "reward " + describe_number(rule.reward);
  if (rule.valued) {
    text += " of each unit of a value from " + describe_number(rule.minimum);
    if (std::isfinite(rule.maximum)) text += " to " + describe_number(rule.maximum);
  }
  if (rule.within) text += ", within " + to_text(*rule.within);
  if (!rule.closes) text += ", awaits more";
  return text;
}

}  // namespace rankloop
