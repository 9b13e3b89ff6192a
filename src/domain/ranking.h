// What a worker found for one request: the best K items with scores and propensities, and what made them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
  ItemId item;  // 0: no item, only a text
  LeftOutReason reason = LeftOutReason::kUnknown;
  std::string text{};  // that names nothing
  bool operator==(const LeftOut&) const = default;
};

// A position of a list that two models made together, the policy's first and second one.
struct Placement {
  bool by_second = false;
  float first_credit = 1;  // of a pick of it, what the first one earns; the second earns the rest of 1
  bool operator==(const Placement&) const = default;
};

struct Ranking {
  std::vector<RankedItem> items;  // best first; ties by the smaller item id; at most kMaxRank
  ModelId model;                  // the model that scored
  Policy policy;
  std::uint64_t seed = 0;  // of the policy's randomness: the task's own
  std::int64_t catalog_version = 0;
  int domain_version = 0;
  std::vector<LeftOut> left_out{};  // in the order of the request's candidates, then what names nothing
  ArmId arm{};                      // of the experiment that the request belongs to; the control's
                                    // where the arms are interleaved
  std::vector<Placement> placed{};  // from the top, of an interleaved list; below it the first one's order
  // Up to which position of the ledger (storage/history_reads.h) it knew what had happened, and a hash of
  // what it knew. Empty: it asked for none of it.
  std::optional<std::int64_t> known{};
  std::uint64_t known_hash = 0;
};

// Candidates that name nothing are kept with their request as lines, for no id has a line's end in it.
std::string lines_of(const std::vector<std::string>& unknown);
void append_unknown(std::string_view lines, std::vector<LeftOut>& left_out);

}  // namespace rankloop
