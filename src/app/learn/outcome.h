// What the choosers of one request did, and what that is worth to who learns.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/clock.h"
#include "domain/feedback.h"
#include "domain/ids.h"
#include "storage/records.h"

namespace rankloop::app {

// What is learned of feedback (training.target).
struct LearningTarget {
  static constexpr std::string_view kReward = "reward";  // the sum of the rewards of its kinds
  static constexpr std::string_view kValue = "value";    // the sum of the values that came with it
  std::string name{kReward};                             // or a kind: whether it happened
  WallTime now = WallTime::max();                        // what may still come until later is awaited
};

struct Outcome {
  // Of one item and kind.
  struct Told {
    double people = 0;  // how many said so
    double worth = 0;   // of it to each of them
  };
  std::map<ItemId, std::map<std::string, Told, std::less<>>> told;  // summed in this order
  double none = 0;
  double choosers = 1;
  bool below = false;    // something was told of an item further down
  bool awaited = false;  // more may come that counts, and nothing closed it
  bool known() const { return !awaited && (!told.empty() || none > 0); }
  bool none_chosen() const { return told.empty() && none > 0; }

  // The sum over its kinds of the share of the choosers who said so times what that is worth; below 0 where
  // more speaks against the item than for it.
  double worth_of(ItemId item) const;
  // Likewise; what speaks against an item makes its label 0, as that of what nobody chose.
  double label_of(ItemId item) const { return std::max(worth_of(item), 0.0); }
};

// Of the first `most` ranks. Kinds that the rules do not have, and what came too late, count nothing.
Outcome outcome_of(const storage::ShownRequest& request, std::size_t most,
                   std::span<const FeedbackRule> rules, const LearningTarget& target);

// The items that somebody chose, by the target: those whose label is above 0, in the order in which something
// was first told of them.
std::vector<ItemId> chosen_items(const storage::ShownRequest& request, std::size_t most,
                                 std::span<const FeedbackRule> rules, const LearningTarget& target);

// All targets that there are.
std::vector<std::string_view> target_names(std::span<const FeedbackRule> rules);
// Whether there is such a target.
bool is_target(std::string_view name, std::span<const FeedbackRule> rules);

}  // namespace rankloop::app
