// A target that explores position by position (ml/explore/): how likely it would have shown a logged list,
// from the top down. How likely an item is at a position whatever stands above it would be a sum over all
// lists that could stand there, so beyond the first position only the weights of lists from the top are
// known.
#pragma once

#include <cstdint>
#include <vector>

#include "app/learn/expected_rewards.h"
#include "app/learn/logged_list.h"
#include "app/learn/outcome.h"
#include "ml/explore/explore.h"
#include "ml/policy_value.h"

namespace rankloop::app {

// Reused from list to list. Not thread-safe.
class ExploringTarget {
 public:
  // `best`: how many items a ranking keeps, which is what a way chooses from.
  ExploringTarget(ml::Exploration terms, int best) : terms_(std::move(terms)), best_(best) {}

  // The list's items; `rewards`: null where there are no models of the reward.
  void fill(const LoggedList& list, InferenceId request, const Outcome& outcome, BoundModel& model,
            const ml::Examination& examination, ExpectedRewards* rewards);

  const std::vector<ml::LoggedItem>& items() const { return items_; }
  // Whether chances at positions are known of the list that was filled.
  bool placed() const { return placed_; }

 private:
  void find_places(const LoggedList& list, const Ranking& own);
  void place(const LoggedList& list, const ml::Examination& examination);

  const ml::Exploration terms_;
  const int best_;

  // Of the present list.
  bool placed_ = false;
  std::vector<ml::LoggedItem> items_;
  std::vector<std::uint32_t> places_;
  std::vector<double> values_;    // of each place
  std::vector<double> expected_;  // of each item of the list
  ml::Followed followed_;
};

}  // namespace rankloop::app
