// Reads kinds of feedback, and refuses those that could not be told apart or would never count.
#include "domain/feedback_file.h"

#include <algorithm>
#include <utility>

#include "domain/field_value.h"
#include "domain/schema_side.h"
#include "domain/units.h"

namespace rankloop {
namespace {

constexpr std::size_t kMostKinds = 32;
constexpr double kMostReward = 1'000'000;

void read_reward(TomlTable& table, FeedbackRule& rule) {
  const std::optional<double> reward = table.number("reward");
  if (!reward) {
    if (!table.has("reward"))
      table.fault("name", "a kind of feedback needs a reward: what one is worth, as reward = 1");
    return;
  }
  rule.reward = *reward;
  if (!(*reward >= -kMostReward && *reward <= kMostReward)) {
    table.fault("reward", "reward should be from -1000000 to 1000000, not " + describe_number(*reward));
  }
}

// value = [0, 5]: a value comes with each, and the reward is of each unit of it.
void read_value(TomlTable& table, FeedbackRule& rule) {
  if (!table.has("value")) return;
  const std::vector<double> bounds = table.numbers("value");
  if (bounds.size() != 2 || !(bounds[0] < bounds[1])) {
    if (table.node("value")->is_array())
      table.fault("value",
                  "value should be the least and the greatest that may come with it, as value = [0, 5]");
    return;
  }
  rule.valued = true;
  rule.minimum = bounds[0];
  rule.maximum = bounds[1];
}

void read_within(TomlTable& table, FeedbackRule& rule) {
  const std::optional<std::string> text = table.text("within");
  if (!text) return;
  rule.within = parse_duration(*text);
  if (rule.within && rule.within->count() > 0) return;
  table.fault("within", "within should be a time such as \"30m\" or \"7d\", not " + quoted(*text));
}

FeedbackRule read_rule(TomlTable& table) {
  FeedbackRule rule;
  rule.name = table.required_text("name");
  if (!rule.name.empty() && !is_identifier(rule.name)) {
    table.fault("name",
                "a kind of feedback should be a letter, then letters, digits and underscores, at most 64 "
                "in all, not " +
                    quoted(rule.name));
  }
  if (rule.name == kNoneKind)
    table.fault("name",
                "\"none\" says that nothing was chosen: it is there in every domain and is of no item");
  read_reward(table, rule);
  read_value(table, rule);
  read_within(table, rule);
  rule.closes = table.flag("closes").value_or(true);
  table.finish();
  return rule;
}

}  // namespace

std::vector<FeedbackRule> read_feedback_rules(std::vector<TomlTable> tables) {
  std::vector<FeedbackRule> rules = {pick_rule()};
  bool own_pick = false;
  for (TomlTable& table : tables) {
    FeedbackRule rule = read_rule(table);
    const bool pick = rule.name == kPickKind;
    if ((pick && own_pick) || (!pick && rule_of(rules, rule.name) != nullptr)) {
      table.fault("name", "the kind of feedback " + quoted(rule.name) + " is declared twice");
    } else if (pick) {
      own_pick = true;
      rules.front() = std::move(rule);
    } else {
      rules.push_back(std::move(rule));
    }
  }
  if (rules.size() > kMostKinds)
    tables.back().fault("name", "there may be " + std::to_string(kMostKinds) + " kinds of feedback, not " +
                                    std::to_string(rules.size()));
  // Who waits for more must know until when.
  for (std::size_t i = 0; i < tables.size() && longest_wait(rules).count() == 0; ++i) {
    if (tables[i].has("closes") && !tables[i].flag("closes").value_or(true))
      tables[i].fault(
          "closes", "closes = false awaits what may come later, so some kind needs a time: within = \"7d\"");
  }
  return rules;
}

}  // namespace rankloop
