// What people may say of what they were shown, or did elsewhere: the kinds of feedback of a domain, and what
// each is worth to who learns. `pick` and `none` of the API are always there.
#pragma once

#include <chrono>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rankloop {

inline constexpr const char* kPickKind = "pick";  // an item was chosen
inline constexpr const char* kNoneKind =
    "none";  // none of what was shown was; of no item, so no FeedbackRule

// One kind.
struct FeedbackRule {
  std::string name;
  // What one of it is worth; below 0: it speaks against the item. With `valued`, what each unit of its value
  // is.
  double reward = 1;
  bool valued =
      false;  // a value comes with each, within these bounds; without it is only said that it happened
  double minimum = 0;
  double maximum = std::numeric_limits<double>::infinity();
  std::optional<double> preset{};                   // the value of one that comes without
  std::optional<std::chrono::milliseconds> within;  // after its request; later it is kept, but counts no more
  bool closes = true;                               // no more is awaited of the request
};

// Of a kind with this value.
inline double reward_of(const FeedbackRule& rule, double value) {
  return rule.valued ? rule.reward * value : rule.reward;
}

// Null: there is no such kind.
const FeedbackRule* rule_of(std::span<const FeedbackRule> rules, std::string_view kind);

// How long after a request any kind may still count; 0: none has an end, so nothing is awaited.
std::chrono::milliseconds longest_wait(std::span<const FeedbackRule> rules);

// Why such feedback may not come with this value, or without one; empty: it may.
std::string value_fault(const FeedbackRule& rule, std::optional<double> value);

// The kinds that every domain has, but for kNoneKind: a pick, worth what is said with it, 1 unless it is.
FeedbackRule pick_rule();

// "reward 0.2 of each unit of 0 to 5, within 7d": equal for equal meaning.
std::string canonical_text(const FeedbackRule& rule);

}  // namespace rankloop
