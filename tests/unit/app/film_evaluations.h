// A world whose truth is known, to be evaluated: films that please by their numbers, looked at less the lower
// they stand.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/learn/evaluation.h"
#include "ml/families/popularity/popularity_model.h"
#include "ml/random_numbers.h"
#include "ml/rank.h"
#include "unit/app/shown_requests.h"

namespace rankloop::app {

inline constexpr std::int64_t kFilms = 6;
inline constexpr double kItems = 6;
inline constexpr std::size_t kShown = 3;

class EvaluationTest : public ShownRequests {
 protected:
  // A model that ranks films by these numbers, best first.
  static std::shared_ptr<const ml::Model> ordering(const std::vector<std::int64_t>& films) {
    ml::Popularity popularity;
    for (std::int64_t film = 1; film <= kFilms; ++film) {
      const auto at = std::find(films.begin(), films.end(), film) - films.begin();
      popularity.items.push_back({film});
      popularity.shares.push_back(0.9F - 0.1F * static_cast<float>(at));
    }
    return ml::make_popularity_model(std::move(popularity));
  }
  static double appeal(ItemId film) { return 0.1 * static_cast<double>(film.value); }
  static double looked(std::size_t place) { return 1 / static_cast<double>(place + 1); }
  static double worth(const std::vector<std::int64_t>& films) {
    double sum = 0;
    for (std::size_t i = 0; i < kShown; ++i) sum += looked(i) * appeal({films[i]});
    return sum;
  }

  void begin() {
    write_films(kFilms);
    champion_ = add_model(ordering(kChampion)->save(), true, "{}", "popularity");
    other_ = add_model(ordering(kOther)->save(), false, "{}", "popularity");
    start_serving();
  }
  Ranking ranked(const std::vector<std::int64_t>& order, double explore,
                 const std::vector<ItemId>& candidates = {}, const WishesInForce* wishes = nullptr) {
    return ranked_by(order, {.share = explore}, candidates, wishes);
  }
  Ranking ranked_by(const std::vector<std::int64_t>& order, const ml::Exploration& terms,
                    const std::vector<ItemId>& candidates = {}, const WishesInForce* wishes = nullptr) {
    const auto catalog = serving_->current()->catalog;
    const auto model = ordering(order);
    const Result<Record> record = domain_->requests.read(R"({"age":30})");
    return ml::rank(*model->bind(catalog, nullptr, 0), *model, champion_,
                    {.values = record->values,
                     .candidates = candidates,
                     .candidates_given = !candidates.empty(),
                     .best = static_cast<int>(kFilms) - 1,
                     .seed = ml::mix_bits(++seed_),
                     .explore = &terms,
                     .wishes = wishes});
  }
  // Each item is picked by chance, as its place and appeal have it.
  void decide(const Asked& asked) {
    show(asked, kShown);
    bool picked = false;
    for (std::size_t i = 0; i < kShown; ++i) {
      if (random_.uniform(0, 1) >= looked(i) * appeal(asked.items[i])) continue;
      pick(asked, asked.items[i].value);
      picked = true;
    }
    if (!picked) pick_none(asked);
  }
  void log(int requests, double explore, const WishesInForce* wishes = nullptr) {
    for (int r = 0; r < requests; ++r)
      decide(answered(30, {}, ranked(kChampion, explore, {}, wishes), "person " + std::to_string(r / 2)));
  }

  Result<LedgerEvaluation> evaluate(std::string_view body,
                                    const std::function<void(const EvaluatedList&)>& visit = {},
                                    const std::stop_token& stop = {}) {
    const auto request = read_evaluation_body(json(body), 1000);
    EXPECT_TRUE(request) << request.error().message;
    return evaluate_ledger(
        {*store_, domain_, serving_->current()->catalog}, *request, evaluation_options_,
        [](const EvaluationProgress&) {}, visit, stop);
  }
  static std::map<std::string, double> values(const LedgerEvaluation& evaluation) {
    std::map<std::string, double> values;
    for (const ml::PolicyEstimate& estimate : evaluation.report.estimates)
      values[std::string{name_of(estimate.estimator)}] = estimate.value;
    return values;
  }
  static std::int64_t left_out(const LedgerEvaluation& evaluation, OfNoUse reason) {
    return evaluation.facts.left_out.at(static_cast<std::size_t>(reason));
  }

  const std::vector<std::int64_t> kChampion{1, 2, 3, 4, 5, 6};
  const std::vector<std::int64_t> kOther{6, 5, 4, 3, 2, 1};
  ModelId champion_;
  ModelId other_;
  ml::RandomNumbers random_{7};
  std::uint64_t seed_ = 0;
};

}  // namespace rankloop::app
