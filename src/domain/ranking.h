// What a worker found for one request: the best K items with scores and propensities, and what made them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain/ids.h"
#include "domain/ledger_words.h"
#include "domain/policy.h"

namespace rankloop {

struct RankedItem {
  ItemId item;
  float score = 0;
  // The probability, under the logging policy, of this item at this position given those above it.
  // 1 for a deterministic policy.
  float propensity = 1;
  bool operator==(const RankedItem&) const = default;
};

// A candidate of the request that was not ranked.
struct LeftOut {
  ItemId item;
  LeftOutReason reason = LeftOutReason::kUnknown;
  bool operator==(const LeftOut&) const = default;
};

struct Ranking {
  std::vector<RankedItem> items;  // best first; ties by the smaller item id; at most kMaxRank
  ModelId model;                  // the model that scored
  Policy policy;
  std::uint64_t seed = 0;  // of the policy's randomness: the task's own
  std::int64_t catalog_version = 0;
  int domain_version = 0;
  std::vector<LeftOut> left_out{};  // in the order of the request's candidates
};

}  // namespace rankloop
