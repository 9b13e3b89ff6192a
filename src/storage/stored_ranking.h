// Rankings on their way into a store: checked, and packed on the caller's thread instead of the writer's.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "domain/ranking.h"
#include "error/result.h"

namespace rankloop::storage {

struct StoredRanking {
  Ranking made;  // without the items
  std::size_t size = 0;
  std::string packed;
};

// kInvalidArgument: a ranking is longer than kMaxRank, or two shadows are of one model.
Status check_rankings(const Ranking& ranking, const std::vector<Ranking>& shadows);
// The ranking that answers, then those of the shadows.
std::vector<StoredRanking> packed_for_store(Ranking ranking, std::vector<Ranking> shadows);

}  // namespace rankloop::storage
