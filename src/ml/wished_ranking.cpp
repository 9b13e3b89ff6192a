// Scores what wishes leave, orders it with its boosts, and fills the positions.
#include "ml/wished_ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "ml/explore/explore.h"
#include "ml/placing.h"
#include "ml/random_numbers.h"
#include "ml/rank_steps.h"
#include "ml/wishes.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kBoundsReach = 10'000;  // items among which bounds find others

struct Scored {
  double key = 0;  // greater is better
  float score = 0;
  ItemId id;
  std::uint32_t row = 0;
};

bool better(const Scored& a, const Scored& b) {
  if (a.key != b.key) return a.key > b.key;
  return a.score != b.score ? a.score > b.score : a.id < b.id;
}
bool by_id(const Scored& a, const Scored& b) {
  return a.id < b.id;
}

// How rows are compared.
enum class By { kScore, kBoosted, kDraw };

// The best of a stream of scored rows, and of each pin the best that it holds for, as many as there are pins.
class Pool {
 public:
  Pool(const Catalog& catalog, const BoundWishes& wishes, const Calibration& calibration, By by,
       std::size_t best)
      : catalog_(catalog),
        wishes_(wishes),
        calibration_(calibration),
        by_(by),
        best_(best),
        pinned_(wishes.pins()) {}

  void take(std::span<const std::uint32_t> rows, std::span<const float> scores) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Scored one = scored(rows[i], scores[i]);
      for (std::size_t pin = 0; pin < pinned_.size(); ++pin) {
        if (wishes_.may_be_pinned(pin, one.row)) keep_for(pinned_[pin], one);
      }
      if (one.key < bar_) continue;
      items_.push_back(one);
      if (items_.size() >= std::max<std::size_t>(2 * best_, kSmallestCut)) cut();
    }
  }

  std::vector<Scored> finish() {
    if (items_.size() > best_) cut();
    std::ranges::sort(items_, better);
    return std::move(items_);
  }

  // Each pin's item, none twice.
  std::vector<std::optional<Scored>> pinned() const {
    std::vector<std::optional<Scored>> pinned;
    for (const std::vector<Scored>& candidates : pinned_) {
      const auto free = std::ranges::find_if(candidates, [&](const Scored& one) {
        return std::ranges::none_of(pinned,
                                    [&](const auto& other) { return other && other->row == one.row; });
      });
      pinned.push_back(free == candidates.end() ? std::nullopt : std::optional(*free));
    }
    return pinned;
  }

 private:
  static constexpr std::size_t kSmallestCut = 512;

  Scored scored(std::uint32_t row, float score) const {
    Scored one{static_cast<double>(score), score, catalog_.id_at(row), row};
    if (std::isnan(score)) {
      one.score = 0;
      one.key = -std::numeric_limits<double>::infinity();
    } else if (by_ == By::kBoosted) {
      one.key = log_odds_of(calibration_.apply(one.key)) + wishes_.boost(row);
    }
    return one;
  }

  void keep_for(std::vector<Scored>& candidates, const Scored& one) const {
    const auto before = by_ == By::kDraw ? by_id : better;
    candidates.insert(std::ranges::upper_bound(candidates, one, before), one);
    if (candidates.size() > pinned_.size()) candidates.pop_back();
  }

  void cut() {
    if (items_.size() <= best_) return;
    const auto end = items_.begin() + static_cast<std::ptrdiff_t>(best_);
    std::nth_element(items_.begin(), end - 1, items_.end(), better);
    items_.erase(end, items_.end());
    bar_ = items_.back().key;
  }

  const Catalog& catalog_;
  const BoundWishes& wishes_;
  const Calibration calibration_;
  const By by_;
  const std::size_t best_;
  double bar_ = -std::numeric_limits<double>::infinity();
  std::vector<Scored> items_;
  std::vector<std::vector<Scored>> pinned_;
};

// A pin of this list, by its item.
struct PinnedItem {
  std::size_t index = 0;
  Scored item;
};

// What is ranked, the best first, and how it stands from the top.
struct Listed {
  std::vector<Scored> slate;
  Placing placing;
  std::vector<std::uint32_t> order;  // places in the slate
  std::vector<PinnedItem> pinned;
};

class WishedRanker {
 public:
  WishedRanker(const CatalogScorer& scorer, const Model& model, const RankRequest& request)
      : scorer_(scorer),
        catalog_(scorer.catalog()),
        model_(model),
        request_(request),
        wishes_(*request.wishes, catalog_, request.values, request.past),
        rows_(eligible_rows(catalog_, request)),
        length_(std::min(static_cast<std::size_t>(std::clamp(request.best, 1, kMaxRank)), rows_.size())) {}

  Ranking rank() const {
    if (!explores(request_, model_)) {
      return model_.draws() ? drawn() : ranked(list(scorer_, by_score(), length_or(kBoundsReach)));
    }
    return way_of(request_.explore->policy).chances == nullptr ? mixed() : by_positions();
  }

 private:
  By by_score() const { return wishes_.boosts() ? By::kBoosted : By::kScore; }
  // Of how many items the best are looked at.
  std::size_t length_or(std::size_t where_bounded) const {
    return wishes_.bounds().empty() ? length_ : std::max(length_, std::min(where_bounded, rows_.size()));
  }

  Pool scored(const CatalogScorer& by, By how, std::size_t best) const {
    constexpr std::size_t kPortion = 16 * kChunkRows;
    Pool pool(catalog_, wishes_, model_.calibration(), how, best);
    const auto began = std::chrono::steady_clock::now();
    std::vector<float> scores;
    for (std::size_t first = 0; first < rows_.size(); first += kPortion) {
      const auto rows = std::span(rows_).subspan(first, std::min(kPortion, rows_.size() - first));
      scores.resize(rows.size());
      by.score_rows({request_.values, request_.person, request_.past}, request_.seed, rows, scores);
      pool.take(rows, scores);
    }
    if (request_.times != nullptr) request_.times->score += std::chrono::steady_clock::now() - began;
    return pool;
  }

  // A pin takes its position, or the next one that is free, or of a shorter list the last one that is.
  std::vector<PinnedItem> pins_of(const Pool& pool) const {
    std::vector<PinnedItem> pins;
    const auto is_free = [&](std::size_t index) {
      return std::ranges::find(pins, index, &PinnedItem::index) == pins.end();
    };
    const auto items = pool.pinned();
    for (std::size_t pin = 0; pin < items.size() && pins.size() < length_; ++pin) {
      if (!items[pin]) continue;
      std::size_t index = std::min(wishes_.pinned_index(pin), length_ - 1);
      while (index < length_ && !is_free(index)) ++index;
      if (index == length_) {
        while (!is_free(index - 1)) --index;
        --index;
      }
      pins.push_back({index, *items[pin]});
    }
    return pins;
  }

  Placing placing_of(const std::vector<Scored>& slate, const std::vector<PinnedItem>& pinned) const {
    Placing placing;
    for (const BoundWishes::Bound& bound : wishes_.bounds()) {
      Placing::Bound& of_places = placing.bounds.emplace_back(Placing::Bound{bound.most, bound.first});
      for (const Scored& item : slate) of_places.codes.push_back(wishes_.code_of(bound, item.row));
    }
    for (const PinnedItem& pin : pinned) {
      const auto place = std::ranges::find(slate, pin.item.row, &Scored::row);
      placing.pins.push_back({pin.index, static_cast<std::uint32_t>(place - slate.begin())});
    }
    return placing;
  }

  // `pinned`: null: those that this order finds.
  Listed list(const CatalogScorer& by, By how, std::size_t best,
              const std::vector<PinnedItem>* pinned = nullptr) const {
    Pool pool = scored(by, how, best);
    const auto began = std::chrono::steady_clock::now();
    Listed listed;
    listed.pinned = pinned != nullptr ? *pinned : pins_of(pool);
    listed.slate = pool.finish();
    for (const PinnedItem& pin : listed.pinned) {
      if (std::ranges::find(listed.slate, pin.item.row, &Scored::row) == listed.slate.end())
        listed.slate.push_back(pin.item);
    }
    listed.placing = placing_of(listed.slate, listed.pinned);
    listed.order = arranged(listed.placing, listed.slate.size());
    listed.order.resize(length_);
    if (request_.times != nullptr) request_.times->top_k += std::chrono::steady_clock::now() - began;
    return listed;
  }

  Ranking ranked(const Listed& listed) const {
    Ranking ranking = empty(listed);
    for (const std::uint32_t place : listed.order)
      ranking.items.push_back({listed.slate[place].id, listed.slate[place].score, 1.0F});
    return ranking;
  }

  Ranking empty(const Listed& listed) const {
    Ranking ranking;
    ranking.seed = request_.seed;
    ranking.catalog_version = catalog_.version();
    keep_wishes(listed, ranking.policy);
    ranking.items.reserve(length_);
    return ranking;
  }

  void keep_wishes(const Listed& listed, Policy& policy) const {
    policy.wishes = request_.wishes->text;
    policy.bounded = !wishes_.bounds().empty();
    for (const PinnedItem& pin : listed.pinned) policy.pinned.push_back(static_cast<int>(pin.index) + 1);
    std::ranges::sort(policy.pinned);
  }

  std::vector<double> chances_of(const Listed& listed) const {
    return even_chances(listed.placing, rows_.size(), listed.order);
  }

  // By a model that draws.
  Ranking drawn() const {
    const Listed listed = list(scorer_, By::kDraw, length_or(rows_.size()));
    Ranking ranking = ranked(listed);
    ranking.policy.kind = PolicyKind::kUniform;
    ranking.policy.deterministic = false;
    const std::vector<double> chances = chances_of(listed);
    for (std::size_t i = 0; i < chances.size(); ++i)
      ranking.items[i].propensity = static_cast<float>(chances[i]);
    return ranking;
  }

  // The mixture of the model's order and a uniform one; pins are the model's in both.
  Ranking mixed() const {
    const double share = request_.explore->share;
    const Listed own = list(scorer_, by_score(), length_or(rows_.size()));
    const Ranking own_ranking = ranked(own);
    Ranking ranking = own_ranking;
    std::vector<double> chances;
    const bool uniform = RandomNumbers(exploring_seed(request_.seed)).uniform(0, 1) < share;
    if (uniform) {
      const auto catalog = std::shared_ptr<const Catalog>(std::shared_ptr<void>(), &catalog_);
      const auto random = random_model()->bind(catalog, nullptr, 0);
      const Listed drawn = list(*random, By::kDraw, length_or(rows_.size()), &own.pinned);
      ranking = ranked(drawn);
      chances = chances_of(drawn);
    } else {
      chances = chances_of(own);
    }
    mix_propensities(share, chances, own_ranking, ranking);
    ranking.policy = Policy::epsilon_greedy(share, uniform);
    keep_wishes(own, ranking.policy);
    return ranking;
  }

  Ranking by_positions() const {
    const Listed own = kept(list(scorer_, by_score(), length_or(kBoundsReach)));
    const auto began = std::chrono::steady_clock::now();
    Ranking slate = empty(own);
    std::vector<double> boosts;
    for (const Scored& item : own.slate) {
      slate.items.push_back({item.id, item.score, 1.0F});
      if (wishes_.boosts()) boosts.push_back(wishes_.boost(item.row));
    }
    auto draws = way_of(request_.explore->policy).needs_posterior ? scores_of_draws(request_, slate)
                                                                  : std::vector<std::vector<float>>{};
    Ranking ranking =
        explored(slate, model_.calibration(), std::move(draws), *request_.explore, {own.placing, boosts});
    keep_wishes(own, ranking.policy);
    if (request_.times != nullptr) request_.times->top_k += std::chrono::steady_clock::now() - began;
    return ranking;
  }

  // With a slate of what the list keeps, as ways choose among that.
  Listed kept(const Listed& listed) const {
    Listed made;
    made.pinned = listed.pinned;
    std::vector<std::uint32_t> places = listed.order;
    std::ranges::sort(places);
    for (const std::uint32_t place : places) made.slate.push_back(listed.slate[place]);
    made.placing = placing_of(made.slate, made.pinned);
    made.order = arranged(made.placing, made.slate.size());
    return made;
  }

  const CatalogScorer& scorer_;
  const Catalog& catalog_;
  const Model& model_;
  const RankRequest& request_;
  const BoundWishes wishes_;
  const std::vector<std::uint32_t> rows_;
  const std::size_t length_;
};

}  // namespace

Ranking rank_wished(const CatalogScorer& scorer, const Model& model, const RankRequest& request) {
  return WishedRanker(scorer, model, request).rank();
}

}  // namespace rankloop::ml
