// The items of a logged list as off-policy estimates want them: what each earned, how likely it was shown
// where it stood, and how likely another way of ranking would show it there.
#pragma once

#include <vector>

#include "app/learn/logged_list.h"
#include "app/learn/outcome.h"
#include "domain/ids.h"
#include "ml/examination.h"
#include "ml/policy_value.h"

namespace rankloop::app {

// Reused from list to list. Not thread-safe.
class TargetItems {
 public:
  // The other way ranks `order` or, with probability `explore`, a uniform order. What a model of the reward
  // expects is left 0; see ExpectedRewards.
  void fill(const LoggedList& list, const Outcome& outcome, const std::vector<ItemId>& order, double explore,
            const ml::Examination& examination);

  std::vector<ml::LoggedItem>& items() { return items_; }

 private:
  std::vector<ml::LoggedItem> items_;
  std::vector<double> joint_;
};

}  // namespace rankloop::app
