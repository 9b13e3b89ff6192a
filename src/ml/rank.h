// Ranking one request: eligibility rules, scoring, partial top-K, propensities.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "domain/domain.h"
#include "domain/ranking.h"
#include "ml/explore/exploration.h"
#include "ml/model.h"

namespace rankloop::ml {

// Where the time of a ranking goes; added to.
struct RankTimes {
  std::chrono::nanoseconds score{0};  // features of the pairs and the model, one pass over the catalog
  std::chrono::nanoseconds top_k{0};  // ordering the best
};

struct RankRequest {
  ValuesView values;  // of domain.requests
  Person person = 0;
  const Past* past = nullptr;            // borrowed; null: nothing is known of what happened before
  std::span<const ItemId> candidates;    // rank only these (unknown, deleted and doubled ids are left out);
  bool candidates_given = false;         // ... when given; otherwise the whole catalog
  int best = 1000;                       // K, 1..kMaxRank
  std::uint64_t seed = 0;                // the task's own
  const Exploration* explore = nullptr;  // borrowed; null: not at all. A model that draws is a uniform order
  // Of the model's posterior (Model::posterior_draws), bound to the same catalog; for a way that needs them.
  std::span<const std::shared_ptr<const CatalogScorer>> draws{};
  RankTimes* times = nullptr;
  // In force at the request's moment; borrowed; null: there are none. See ml/wished_ranking.h.
  const WishesInForce* wishes = nullptr;
};

// Where `explore` is uniform a request is answered, with the chance of its share, by a uniform order of the
// whole catalog instead of the model's, as its seed decides. The policy is then the mixture of both,
// whichever was drawn, and every propensity is exact under it. The other ways: ml/explore/explore.h; one that
// needs a posterior leaves a model without `draws` its own order. So do requests of another segment.
//
// The best K eligible items, best first; equal scores by the smaller item id. NaN scores rank last and are
// stored as 0. `model` is recorded, `domain_version` is left 0 for the caller. An empty outcome is a valid
// one. Work is proportional to the rows scored, memory to K.
// The order is that of the stored float32 scores: logits that saturate to one sigmoid are a tie.
Ranking rank(const CatalogScorer& scorer, const Model& model, ModelId model_id, const RankRequest& request);

// The best `best` of rows that are known to be eligible, in the same order.
void best_of_rows(const CatalogScorer& scorer, const Query& query, std::uint64_t seed,
                  std::span<const std::uint32_t> rows, std::size_t best, std::vector<ItemId>& order);

// What such a ranking is chosen from: the eligible items that no wish leaves out, by id.
std::vector<ItemId> eligible_items(const Catalog& catalog, const RankRequest& request);

}  // namespace rankloop::ml
