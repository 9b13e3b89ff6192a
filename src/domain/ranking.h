// What a worker found for one request: the best K items with scores and propensities, and what made them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain/ids.h"

namespace rankloop {

struct RankedItem {
  ItemId item;
  float score = 0;
  // The probability, under the logging policy, of this item at this position given those above it.
  // 1 for a deterministic policy.
  float propensity = 1;
  bool operator==(const RankedItem&) const = default;
};

struct Policy {
  // "greedy": the model's order; "uniform": a random one; "epsilon_greedy": one of the two, as the parameters
  // say
  // ({"epsilon": 0.05, "drawn": "uniform"}); "imported": another system's; "external": made by a worker of
  // another program for a task of ours.
  std::string name = "greedy";
  std::string parameters;     // JSON object or empty
  bool deterministic = true;  // off-policy estimates refuse deterministic policies
  bool operator==(const Policy&) const = default;
};

// Was the list a uniform draw, so that positions say nothing of what was in them?
inline bool drawn_uniformly(const Policy& policy) {
  return policy.name == "uniform" || (policy.name == "epsilon_greedy" &&
                                      policy.parameters.find(R"("drawn":"uniform")") != std::string::npos);
}

struct Ranking {
  std::vector<RankedItem> items;  // best first; ties by the smaller item id; at most kMaxRank
  ModelId model;                  // the model that scored
  Policy policy;
  std::uint64_t seed = 0;  // of the policy's randomness: the task's own
  std::int64_t catalog_version = 0;
  int domain_version = 0;
};

}  // namespace rankloop
