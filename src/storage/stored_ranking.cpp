// Checks rankings and packs them.
#include "storage/stored_ranking.h"

#include <algorithm>
#include <set>
#include <utility>

#include "storage/packed_placements.h"
#include "storage/packed_ranking.h"

namespace rankloop::storage {
namespace {

StoredRanking packed(Ranking ranking) {
  StoredRanking stored;
  stored.packed = pack_ranking(ranking.items, ranking.left_out);
  stored.size = ranking.items.size();
  stored.placed = pack_placements(ranking.placed);
  ranking.items.clear();
  ranking.left_out.clear();
  stored.made = std::move(ranking);
  return stored;
}

}  // namespace

Status check_rankings(const Ranking& ranking, const std::vector<Ranking>& shadows) {
  const auto too_long = [](const Ranking& one) {
    return one.items.size() > static_cast<std::size_t>(kMaxRank);
  };
  if (too_long(ranking) || std::any_of(shadows.begin(), shadows.end(), too_long)) {
    return Error{ErrorCode::kInvalidArgument, "A ranking has at most 65535 items"};
  }
  std::set<ModelId> models;
  for (const Ranking& shadow : shadows) {
    if (!models.insert(shadow.model).second) {
      return Error{ErrorCode::kInvalidArgument,
                   "Two shadow rankings are of model " + std::to_string(shadow.model.value)};
    }
  }
  return {};
}

std::vector<StoredRanking> packed_for_store(Ranking ranking, std::vector<Ranking> shadows) {
  std::vector<StoredRanking> stored;
  stored.push_back(packed(std::move(ranking)));
  for (Ranking& shadow : shadows) stored.push_back(packed(std::move(shadow)));
  return stored;
}

std::optional<ArmId> arm_or_null(ArmId arm) {
  if (arm == ArmId{}) return std::nullopt;
  return arm;
}

std::optional<std::int64_t> known_hash_or_null(const Ranking& ranking) {
  if (!ranking.known) return std::nullopt;
  return static_cast<std::int64_t>(ranking.known_hash);
}

}  // namespace rankloop::storage
