// What two ways of ranking would have earned by each list of the ledger, side by side: the gate's evidence
// where it judges by value (gate.metric = "value") instead of by the order of what another model had shown.
//
// Of a list with items i at their positions, the doubly robust estimate of one way is
//   sum over positions of Q + sum over items of w (reward - q)
// with q what a model of the reward expects of the item where it stood, Q of what the way would show there,
// and w how much oftener the way has the item looked at than the way that was logged: of its position alone,
// or where it is known what positions draw, of all positions together (ml/policy_value.h, position_based_dr).
// Whatever both ways would show alike cancels in their difference.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <unordered_set>
#include <vector>

#include "app/learn/ledger_evaluation.h"
#include "app/learn/reward_models.h"
#include "domain/ids.h"
#include "domain/keyed_hash.h"
#include "ml/model.h"
#include "ml/policy_value.h"

namespace rankloop::app {

using RequestSet = std::unordered_set<InferenceId, KeyedHash>;

struct ListValues {
  std::vector<InferenceId> requests;  // those of use, in any order
  std::vector<std::int64_t> people;   // who asked, by any number
  std::array<std::vector<double>, 2> values;
  // Of the second way: whether lists that were drawn as these were can tell what it is worth.
  ml::PolicyReport report;
};

// Blocks. A model that draws is the uniform order. The store's errors; kAborted when a stop was requested.
Result<ListValues> value_lists(const EvaluationGround& ground, std::array<const ml::Model*, 2> ways,
                               const RequestSet& requests, const RewardModelOptions& rewards,
                               std::size_t memory, const std::stop_token& stop);

}  // namespace rankloop::app
