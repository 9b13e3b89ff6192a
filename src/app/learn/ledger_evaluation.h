// What another way of ranking would have earned, told from what the ledger logged: off-policy evaluation
// (ml/policy_value.h has the estimates, docs/metrics.md the formulas).
//
// Two passes. The first fits models of the reward (reward_models.h) and finds out what positions draw; the
// second streams the requests in portions, ranks each again as it was ranked and as the target would
// (logged_list.h), and adds it up. Memory does not grow with the lists but for some sums a person.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/learn/evaluation_request.h"
#include "app/learn/logged_list.h"
#include "app/learn/reward_models.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "ml/policy_value.h"
#include "storage/store.h"

namespace rankloop::app {

struct EvaluationOptions {
  RewardModelOptions rewards;     // family and folds as the request says
  std::size_t memory = 1U << 30;  // bytes, of what models compute from items alone
  double explore = 0;             // exploration.share of this server, for what is advised
  int best = 1000;                // ranking.best of it: what ways of exploring choose from
};

struct EvaluationProgress {
  std::string_view phase;  // "rewards", "lists", "estimates"
  double share = 0;        // of all the work, 0..1
};

// One list as it was added up.
struct EvaluatedList {
  InferenceId request;
  std::size_t person = 0;  // counted from 0
  std::span<const ItemId> items;
  bool placed = true;  // chances at positions are known, not only those from the top
  std::span<const ml::LoggedItem> logged;
};

// What an evaluation rests on.
struct EvaluationFacts {
  ModelId model;       // whose order is asked about; 0: a uniform one
  std::string family;  // of it
  double explore = 0;
  PolicyKind way = PolicyKind::kUniform;  // that explores, and its numbers where it has them
  double temperature = 0;
  double gamma = 0;
  std::int64_t read = 0;                          // requests
  std::array<std::int64_t, kOfNoUse> left_out{};  // of them, by reason
  std::map<std::string, std::int64_t> policies;   // of the lists that are used, by the policy's name
  std::map<ModelId, std::int64_t> logged_by;      // likewise, by the model that ranked them
  std::int64_t randomised = 0;                    // of them, uniform draws
  std::int64_t older_catalog = 0;                 // of them, ranked from a catalog that has changed since
  std::int64_t checked =
      0;  // that a model ordered and that were ranked again, to see whether they are the same
  std::int64_t differing = 0;  // of these, those that were not
  double eligible = 0;         // items that a list could have shown, on average
  InferenceId first;           // of the lists that are used
  InferenceId last;
  std::optional<WallTime> earliest;
  std::optional<WallTime> latest;
  std::string reward_family;
  std::size_t folds = 0;             // 0: there are no reward models
  std::int64_t reward_requests = 0;  // that they learned from
  std::string no_rewards;            // why there are none
  std::optional<ml::Examination> examination;
  double confidence = 0.95;
  double clip = 0;

  std::int64_t used() const;
};

struct LedgerEvaluation {
  ml::PolicyReport report;
  EvaluationFacts facts;
  std::vector<std::string> next_steps;  // sentences: what to do for an answer; empty where there is one
};

// What an evaluation stands on; all of it outlives the call.
struct EvaluationGround {
  storage::Store& store;
  std::shared_ptr<const Domain> domain;
  std::shared_ptr<const ml::Catalog> catalog;  // of the moment
};

// kNotFound, of a model that is not there or a champion that is not yet.
Error no_such_target(const Target& target);

// Blocks. `tell` hears how far it is, `visit` (may be empty) each list that is used. kNotFound: no such
// model, or there is no champion. kAborted when a stop was requested. As the store and ml::load_model.
Result<LedgerEvaluation> evaluate_ledger(const EvaluationGround& ground, const EvaluationRequest& request,
                                         const EvaluationOptions& options,
                                         const std::function<void(const EvaluationProgress&)>& tell,
                                         const std::function<void(const EvaluatedList&)>& visit,
                                         const std::stop_token& stop);

// {"target":{...},"requests":{...},"logs":{...},"rewards":{...},"report":{...},"next_steps":[...]}
std::string to_json(const LedgerEvaluation& evaluation);

}  // namespace rankloop::app
