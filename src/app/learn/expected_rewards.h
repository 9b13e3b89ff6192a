// What models of the reward expect of a list's items where they stood, and of what another way of ranking
// would show there.
#pragma once

#include <cstdint>
#include <vector>

#include "app/learn/logged_list.h"
#include "app/learn/reward_models.h"
#include "ml/policy_value.h"

namespace rankloop::app {

// Reused from list to list. Not thread-safe.
class ExpectedRewards {
 public:
  explicit ExpectedRewards(RewardModels& models) : models_(models) {}

  // Fills `predicted` and `predicted_mean` of the items of a list. The target ranks `order` or, with
  // probability `explore`, a uniform order, of which at most 128 items are asked for, drawn at random.
  void fill(const LoggedList& list, InferenceId request, const std::vector<ItemId>& order, double explore,
            const ml::Examination& examination, std::vector<ml::LoggedItem>& items);

  // At the first position: of the list's own items, and of those of another ranking of the same request.
  void of_items(const LoggedList& list, InferenceId request, const std::vector<RankedItem>& others,
                std::vector<double>& own, std::vector<double>& of_others);

 private:
  std::size_t score(const LoggedList& list, InferenceId request);
  void ask_for_some(const std::vector<std::uint32_t>& eligible, std::uint64_t seed);

  RewardModels& models_;
  std::vector<std::uint32_t> rows_;
  std::vector<float> scores_;
};

}  // namespace rankloop::app
