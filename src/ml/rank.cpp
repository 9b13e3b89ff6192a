// Filters, scores and orders the items of one request.
#include "ml/rank.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <utility>

#include "ml/explore/explore.h"
#include "ml/random_numbers.h"
#include "ml/rank_steps.h"
#include "ml/rules.h"
#include "ml/wished_ranking.h"
#include "ml/wishes.h"

namespace rankloop::ml {
namespace {

struct Candidate {
  std::uint32_t order = 0;  // ascending = better score
  float score = 0;
  ItemId id;
};

bool better(const Candidate& a, const Candidate& b) {
  return a.order != b.order ? a.order < b.order : a.id < b.id;
}

// Maps floats to integers so that a greater score is a smaller number; both zeros are one score, NaN is last.
std::uint32_t order_of(float score) {
  if (std::isnan(score)) return std::numeric_limits<std::uint32_t>::max();
  constexpr std::uint32_t kSign = 0x80000000U;
  const auto bits = std::bit_cast<std::uint32_t>(score + 0.0F);
  return (bits & kSign) != 0 ? bits : ~bits & ~kSign;
}

// Keeps the best K of a stream of scored rows: candidates that cannot be among them are dropped on sight, the
// others are collected and cut back to K whenever they have become twice as many. O(1) amortised per row.
class TopK final : public ScoreSink {
 public:
  TopK(const Catalog& catalog, std::size_t best) : catalog_(catalog), best_(best) {
    limit_ = std::max<std::size_t>(2 * best, kSmallestCut);
    candidates_.reserve(std::min(limit_, catalog.live_items()));
  }

  void take(std::uint32_t first_row, std::span<const float> scores) override {
    const CatalogChunk& chunk = *catalog_.chunks()[first_row / kChunkRows];
    const std::size_t offset = first_row % kChunkRows;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (scores[i] < bar_) continue;
      if (chunk.live[offset + i] != 0) add(scores[i], chunk.ids[offset + i]);
    }
  }

  void take_rows(std::span<const std::uint32_t> rows, std::span<const float> scores) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!(scores[i] < bar_)) add(scores[i], catalog_.id_at(rows[i]));
    }
  }

  // The best K in their order.
  std::span<const Candidate> finish() {
    if (candidates_.size() > best_) cut();
    std::sort(candidates_.begin(), candidates_.end(), better);
    return candidates_;
  }

 private:
  static constexpr std::size_t kSmallestCut = 512;

  void add(float score, ItemId id) {
    candidates_.push_back({order_of(score), score, id});
    if (candidates_.size() == limit_) cut();
  }

  void cut() {
    const auto end = candidates_.begin() + static_cast<std::ptrdiff_t>(best_);
    std::nth_element(candidates_.begin(), end - 1, candidates_.end(), better);
    candidates_.erase(end, candidates_.end());
    // Equal scores stay in the race, their ids decide. NaN as the bar lets everything pass.
    bar_ = candidates_.back().score;
  }

  const Catalog& catalog_;
  std::size_t best_;
  std::size_t limit_;
  float bar_ = -std::numeric_limits<float>::infinity();  // scores below it cannot be among the best
  std::vector<Candidate> candidates_;
};

std::vector<std::uint32_t> eligible_candidates(const Catalog& catalog, const Eligibility& eligibility,
                                               std::span<const ItemId> candidates) {
  std::vector<std::uint32_t> rows;
  for (const ItemId id : candidates) {
    const auto row = catalog.find(id);
    if (row && eligibility.holds_for(*row)) rows.push_back(*row);
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

// Scores what is eligible; returns how many items that are.
std::size_t score_eligible(const CatalogScorer& scorer, const RankRequest& request, TopK& top) {
  const Catalog& catalog = scorer.catalog();
  const Eligibility eligibility(catalog, request.values);
  std::vector<std::uint32_t> rows;
  std::vector<float> scores;
  const auto score_some = [&] {
    scores.resize(rows.size());
    scorer.score_rows({request.values, request.person, request.past}, request.seed, rows, scores);
    top.take_rows(rows, scores);
    return rows.size();
  };
  if (request.candidates_given) {
    rows = eligible_candidates(catalog, eligibility, request.candidates);
    return score_some();
  }
  if (!eligibility.any_rules()) {
    scorer.score_all({request.values, request.person, request.past}, request.seed, top);
    return catalog.live_items();
  }
  // What is prepared for a request is prepared for each portion anew.
  constexpr std::size_t kPortion = 16 * kChunkRows;
  std::size_t eligible = 0;
  for (std::size_t chunk = 0; chunk < catalog.chunks().size(); ++chunk) {
    eligibility.append_eligible(chunk, rows);
    if (rows.size() < kPortion && chunk + 1 < catalog.chunks().size()) continue;
    eligible += score_some();
    rows.clear();
  }
  return eligible;
}

struct Ranked {
  Ranking ranking;
  std::size_t eligible = 0;
};

Ranked rank_by(const CatalogScorer& scorer, bool draws, const RankRequest& request) {
  TopK top(scorer.catalog(), static_cast<std::size_t>(std::clamp(request.best, 1, kMaxRank)));
  Ranked ranked;
  const auto began = std::chrono::steady_clock::now();
  ranked.eligible = score_eligible(scorer, request, top);
  const auto scored = std::chrono::steady_clock::now();
  Ranking& ranking = ranked.ranking;
  ranking.seed = request.seed;
  ranking.catalog_version = scorer.catalog().version();
  if (draws) ranking.policy = Policy::uniform();
  const std::span<const Candidate> best = top.finish();
  ranking.items.reserve(best.size());
  for (const Candidate& candidate : best) {
    // A uniform order draws each position from those that are left.
    const auto left = static_cast<float>(ranked.eligible - ranking.items.size());
    ranking.items.push_back(
        {candidate.id, std::isnan(candidate.score) ? 0.0F : candidate.score, draws ? 1.0F / left : 1.0F});
  }
  if (request.times != nullptr) {
    request.times->score += scored - began;
    request.times->top_k += std::chrono::steady_clock::now() - scored;
  }
  return ranked;
}

// The mixture of the model's order and a uniform one of the whole catalog.
Ranking rank_or_draw(const CatalogScorer& scorer, const RankRequest& request) {
  const double share = request.explore->share;
  const Ranked own = rank_by(scorer, false, request);
  const bool uniform = RandomNumbers(exploring_seed(request.seed)).uniform(0, 1) < share;
  Ranking ranking = own.ranking;
  if (uniform) {
    const auto catalog = std::shared_ptr<const Catalog>(std::shared_ptr<void>(), &scorer.catalog());
    ranking = rank_by(*random_model()->bind(catalog, nullptr, 0), false, request).ranking;
  }
  std::vector<double> chances;
  chances.reserve(ranking.items.size());
  for (std::size_t i = 0; i < ranking.items.size(); ++i) {
    chances.push_back(1 / static_cast<double>(own.eligible - i));
  }
  mix_propensities(share, chances, own.ranking, ranking);
  ranking.policy = Policy::epsilon_greedy(share, uniform);
  return ranking;
}

Ranking rank_exploring(const CatalogScorer& scorer, const Model& model, const RankRequest& request) {
  const Way& way = way_of(request.explore->policy);
  if (way.chances == nullptr) return rank_or_draw(scorer, request);
  const Ranking own = rank_by(scorer, false, request).ranking;
  const auto began = std::chrono::steady_clock::now();
  auto draws = way.needs_posterior ? scores_of_draws(request, own) : std::vector<std::vector<float>>{};
  Ranking ranking = explored(own, model.calibration(), std::move(draws), *request.explore);
  if (request.times != nullptr) request.times->top_k += std::chrono::steady_clock::now() - began;
  return ranking;
}

}  // namespace

bool explores(const RankRequest& request, const Model& model) {
  const Exploration* const terms = request.explore;
  if (terms == nullptr || terms->share <= 0 || model.draws()) return false;
  if (way_of(terms->policy).needs_posterior && request.draws.empty()) return false;
  return !terms->segment || terms->segment->holds(request.values);
}

std::vector<std::vector<float>> scores_of_draws(const RankRequest& request, const Ranking& own) {
  std::vector<std::vector<float>> scores;
  if (request.draws.empty()) return scores;
  std::vector<std::uint32_t> rows;
  rows.reserve(own.items.size());
  for (const RankedItem& item : own.items) {
    rows.push_back(*request.draws.front()->catalog().find(item.item));
  }
  for (const auto& draw : request.draws) {
    draw->score_rows({request.values, request.person, request.past}, request.seed, rows,
                     scores.emplace_back(rows.size()));
  }
  return scores;
}

void best_of_rows(const CatalogScorer& scorer, const Query& query, std::uint64_t seed,
                  std::span<const std::uint32_t> rows, std::size_t best, std::vector<ItemId>& order) {
  std::vector<float> scores(rows.size());
  scorer.score_rows(query, seed, rows, scores);
  TopK top(scorer.catalog(), best);
  top.take_rows(rows, scores);
  order.clear();
  for (const Candidate& candidate : top.finish()) order.push_back(candidate.id);
}

Ranking rank(const CatalogScorer& scorer, const Model& model, ModelId model_id, const RankRequest& request) {
  if (request.wishes != nullptr) {
    Ranking wished = rank_wished(scorer, model, request);
    wished.model = model_id;
    return wished;
  }
  Ranking ranking = explores(request, model) ? rank_exploring(scorer, model, request)
                                             : rank_by(scorer, model.draws(), request).ranking;
  ranking.model = model_id;
  return ranking;
}

std::vector<std::uint32_t> eligible_rows(const Catalog& catalog, const RankRequest& request) {
  const Eligibility eligibility(catalog, request.values);
  std::vector<std::uint32_t> rows;
  if (request.candidates_given) {
    rows = eligible_candidates(catalog, eligibility, request.candidates);
  } else {
    for (std::size_t chunk = 0; chunk < catalog.chunks().size(); ++chunk)
      eligibility.append_eligible(chunk, rows);
  }
  if (request.wishes != nullptr)
    BoundWishes(*request.wishes, catalog, request.values, request.past).leave_out(rows);
  return rows;
}

std::vector<ItemId> eligible_items(const Catalog& catalog, const RankRequest& request) {
  const std::vector<std::uint32_t> rows = eligible_rows(catalog, request);
  std::vector<ItemId> items;
  items.reserve(rows.size());
  for (const std::uint32_t row : rows) items.push_back(catalog.id_at(row));
  std::sort(items.begin(), items.end());
  return items;
}

}  // namespace rankloop::ml
