// The steps that rankings have in common.
#pragma once

#include <cstdint>
#include <vector>

#include "ml/rank.h"

namespace rankloop::ml {

// The rows that may be ranked, ascending.
std::vector<std::uint32_t> eligible_rows(const Catalog& catalog, const RankRequest& request);
// Whether the request is explored at all.
bool explores(const RankRequest& request, const Model& model);
// Of each draw of the posterior, the scores of the items.
std::vector<std::vector<float>> scores_of_draws(const RankRequest& request, const Ranking& own);

}  // namespace rankloop::ml
