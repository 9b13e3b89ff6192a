// Rankings on their way into a store: checked, and packed on the caller's thread instead of the writer's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/ranking.h"
#include "error/result.h"

namespace rankloop::storage {

struct StoredRanking {
  Ranking made;  // without the items
  std::size_t size = 0;
  std::string packed;
  std::string placed;  // packed likewise; empty: one model's list
};

// kInvalidArgument: a ranking is longer than kMaxRank, or two shadows are of one model.
Status check_rankings(const Ranking& ranking, const std::vector<Ranking>& shadows);
// The ranking that answers, then those of the shadows.
std::vector<StoredRanking> packed_for_store(Ranking ranking, std::vector<Ranking> shadows);
// As a column has it: NULL for none.
std::optional<ArmId> arm_or_null(ArmId arm);
std::optional<std::int64_t> known_hash_or_null(const Ranking& ranking);

}  // namespace rankloop::storage
