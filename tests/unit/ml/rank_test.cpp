// Ranking: rules, order, ties, policies and propensities.
#include "ml/rank.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kUnbounded = SIZE_MAX;

// Scores that a test chooses: by row, repeated.
class ListedScorer final : public CatalogScorer {
 public:
  ListedScorer(std::shared_ptr<const Catalog> catalog, std::vector<float> scores)
      : catalog_(std::move(catalog)), scores_(std::move(scores)) {}
  const Catalog& catalog() const override { return *catalog_; }
  void score_all(const Query& /*query*/, std::uint64_t /*seed*/, ScoreSink& sink) const override {
    for (std::uint32_t first = 0; first < catalog_->rows(); first += kChunkRows) {
      std::vector<float> scores;
      for (std::size_t i = 0; i < catalog_->chunks()[first / kChunkRows]->rows; ++i)
        scores.push_back(at(first + i));
      sink.take(first, scores);
    }
  }
  void score_rows(const Query& /*query*/, std::uint64_t /*seed*/, std::span<const std::uint32_t> rows,
                  std::span<float> scores) const override {
    for (std::size_t i = 0; i < rows.size(); ++i) scores[i] = at(rows[i]);
  }
  std::size_t resident_bytes() const override { return 0; }

  float at(std::size_t row) const { return scores_[row % scores_.size()]; }

 private:
  std::shared_ptr<const Catalog> catalog_;
  std::vector<float> scores_;
};

std::shared_ptr<const Model> any_greedy_model() {
  return make_mlp_model(sample_network(sample_domain(), 1), "f");
}

// What rank() must give, by sorting everything that passes the rules.
std::vector<ItemId> naive_order(const ListedScorer& scorer, std::span<const double> request,
                                const std::set<ItemId>* candidates) {
  const Catalog& catalog = scorer.catalog();
  std::vector<std::pair<double, ItemId>> kept;
  for (std::uint32_t row = 0; row < catalog.rows(); ++row) {
    const CatalogChunk& chunk = *catalog.chunks()[row / kChunkRows];
    bool eligible = chunk.live[row % kChunkRows] != 0;
    for (const Rule& rule : catalog.domain().rules) {
      const double left =
          static_cast<double>(chunk.column(catalog.position_of(rule.must.left.column))[row % kChunkRows]);
      const RuleCondition::Operand& other = rule.must.right;
      const double right =
          static_cast<double>(static_cast<float>(other.side ? request[other.column] : other.constant));
      const bool there = !std::isnan(left) && !std::isnan(right);
      bool keeps = false;
      switch (rule.must.op) {
        case Comparison::kEqual:
          keeps = left == right;
          break;
        case Comparison::kNotEqual:
          keeps = left != right;
          break;
        case Comparison::kLess:
          keeps = left < right;
          break;
        case Comparison::kLessEqual:
          keeps = left <= right;
          break;
        case Comparison::kGreater:
          keeps = left > right;
          break;
        case Comparison::kGreaterEqual:
          keeps = left >= right;
          break;
      }
      eligible = eligible && there && keeps;
    }
    if (candidates != nullptr && !candidates->contains(catalog.id_at(row))) eligible = false;
    if (!eligible) continue;
    const auto score = static_cast<double>(scorer.at(row));
    kept.emplace_back(std::isnan(score) ? std::numeric_limits<double>::infinity() : -score,
                      catalog.id_at(row));
  }
  std::sort(kept.begin(), kept.end());
  std::vector<ItemId> order;
  for (const auto& [score, id] : kept) order.push_back(id);
  return order;
}

std::vector<ItemId> ids_of(const Ranking& ranking) {
  std::vector<ItemId> ids;
  for (const RankedItem& item : ranking.items) ids.push_back(item.item);
  return ids;
}

TEST(Rank, EqualsSortingEverythingThatKeepsTheRules) {
  const auto model = any_greedy_model();
  rc::check([&](std::uint32_t seed) {
    SampleNumbers random(seed);
    Domain domain = sample_domain();
    for (std::int64_t rules = random.whole(0, 2); rules > 0; --rules) {
      const auto item_column = static_cast<std::size_t>(random.whole(1, 5));
      const auto op = static_cast<Comparison>(random.whole(0, 5));
      std::optional<std::size_t> request_column;
      if (random.chance(0.7)) request_column = static_cast<std::size_t>(random.whole(0, 3));
      domain.rules.push_back(
          sample_rule(item_column, op, request_column, static_cast<double>(random.whole(0, 2))));
    }
    const auto items =
        static_cast<std::size_t>(random.chance(0.2) ? random.whole(3000, 7000) : random.whole(0, 400));
    const auto catalog = sample_catalog(share(domain), items, seed, 0.1, 0.2);
    // Few different scores make many ties; NaN is among them.
    std::vector<float> scores = {std::numeric_limits<float>::quiet_NaN(), 0.0F, -0.0F};
    for (int i = 0; i < 40; ++i) scores.push_back(static_cast<float>(random.whole(-20, 20)) / 20);
    const ListedScorer scorer(catalog, scores);
    const std::vector<double> columns = random.request(0.1);

    RankRequest request;
    request.values = columns;
    request.best = static_cast<int>(random.whole(1, 600));
    std::vector<ItemId> candidates;
    request.candidates_given = random.chance(0.3);
    for (int i = 0; i < 60; ++i)
      candidates.push_back(ItemId{random.whole(0, static_cast<std::int64_t>(3 * items))});
    request.candidates = candidates;
    const std::set<ItemId> wanted(candidates.begin(), candidates.end());

    std::vector<ItemId> expected = naive_order(scorer, columns, request.candidates_given ? &wanted : nullptr);
    expected.resize(std::min(expected.size(), static_cast<std::size_t>(request.best)));
    RC_ASSERT(ids_of(rank(scorer, *model, ModelId{1}, request)) == expected);
  });
}

TEST(Rank, StoresZeroForNanAndPutsItLast) {
  const auto catalog = sample_catalog(share(sample_domain()), 4, 1);
  const ListedScorer scorer(catalog, {std::numeric_limits<float>::quiet_NaN(), -3.0F, 0.5F, 0.25F});
  const Ranking ranking = rank(scorer, *any_greedy_model(), ModelId{1}, {});
  ASSERT_EQ(ranking.items.size(), 4U);
  EXPECT_EQ(ranking.items[0].score, 0.5F);
  EXPECT_EQ(ranking.items[2].score, -3.0F);
  EXPECT_EQ(ranking.items[3].item, catalog->id_at(0));
  EXPECT_EQ(ranking.items[3].score, 0.0F);
}

TEST(Rank, SaysWhatMadeIt) {
  const auto catalog = sample_catalog(share(sample_domain()), 10, 2);
  const auto model = any_greedy_model();
  const auto scorer = model->bind(catalog, nullptr, kUnbounded);
  const std::vector<double> columns = SampleNumbers(2).request();
  RankRequest request;
  request.values = columns;
  request.seed = 99;
  const Ranking ranking = rank(*scorer, *model, ModelId{7}, request);
  EXPECT_EQ(ranking.model, ModelId{7});
  EXPECT_EQ(ranking.seed, 99U);
  EXPECT_EQ(ranking.catalog_version, 1);
  EXPECT_EQ(ranking.policy, Policy{});
  for (const RankedItem& item : ranking.items) EXPECT_EQ(item.propensity, 1.0F);
}

TEST(Rank, GivesTheUniformPolicyItsExactPropensities) {
  Domain domain = sample_domain();
  domain.rules.push_back(sample_rule(5, Comparison::kEqual, std::nullopt, 1));
  const auto catalog = sample_catalog(share(domain), 500, 3);
  std::size_t eligible = 0;
  for (const float value : catalog->chunks()[0]->column(catalog->position_of(5)).first(500))
    eligible += value == 1;
  const auto model = random_model();
  RankRequest request;
  request.best = 20;
  request.seed = 5;
  const Ranking ranking = rank(*model->bind(catalog, nullptr, 0), *model, ModelId{1}, request);
  EXPECT_EQ(ranking.policy, Policy::uniform());
  ASSERT_EQ(ranking.items.size(), 20U);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(ranking.items[i].propensity, 1.0F / static_cast<float>(eligible - i));
  }
}

TEST(Rank, DrawsEveryItemFirstEquallyOften) {
  constexpr std::uint64_t kDraws = 20'000;
  constexpr std::size_t kItems = 10;
  const auto catalog = sample_catalog(share(sample_domain()), kItems, 4);
  const auto model = random_model();
  const auto scorer = model->bind(catalog, nullptr, 0);
  std::map<std::int64_t, int> first;
  RankRequest request;
  request.best = 1;
  for (request.seed = 0; request.seed < kDraws; ++request.seed) {
    ++first[rank(*scorer, *model, ModelId{1}, request).items[0].item.value];
  }
  ASSERT_EQ(first.size(), kItems);
  // Five standard deviations of a binomial count around 2,000.
  for (const auto& [id, count] : first)
    EXPECT_NEAR(count, kDraws / kItems, 5 * std::sqrt(kDraws * 0.09)) << id;
}

TEST(Rank, IsEmptyWhenNothingIsEligible) {
  const auto model = any_greedy_model();
  const std::vector<double> columns = SampleNumbers(5).request();
  RankRequest request;
  request.values = columns;
  const auto empty = Catalog::empty(share(sample_domain()));
  EXPECT_TRUE(rank(*model->bind(empty, nullptr, kUnbounded), *model, ModelId{1}, request).items.empty());
  request.candidates_given = true;
  const auto catalog = sample_catalog(share(sample_domain()), 30, 5);
  EXPECT_TRUE(rank(*model->bind(catalog, nullptr, kUnbounded), *model, ModelId{1}, request).items.empty());
}

// ---- Exploration: a mixture of the model's order and a uniform one ----

// A few items whose order is known: the model ranks them by `scores`.
class Exploration : public ::testing::Test {
 protected:
  Ranking explored(double epsilon, std::uint64_t seed, int best = 1000) const {
    const ml::Exploration terms{.share = epsilon};
    RankRequest request;
    request.explore = &terms;
    request.seed = seed;
    request.best = best;
    return rank(scorer_, *model_, ModelId{7}, request);
  }
  std::vector<ItemId> greedy() const { return ids_of(explored(0, 0)); }

  const std::shared_ptr<const Catalog> catalog_ = sample_catalog(share(sample_domain()), 3, 8);
  const ListedScorer scorer_{catalog_, {0.1F, 0.5F, 0.3F}};
  const std::shared_ptr<const Model> model_ = any_greedy_model();
};

// By the chain rule a list's propensities multiply to its probability, which is known: every one of the 3!
// lists has epsilon / 6, and the model's own 1 - epsilon more.
TEST_F(Exploration, HasPropensitiesThatMultiplyToTheProbabilityOfTheList) {
  for (const double epsilon : {0.05, 0.3, 0.9}) {
    std::map<std::vector<ItemId>, double> lists;
    for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
      const Ranking ranking = explored(epsilon, seed);
      double product = 1;
      for (const RankedItem& item : ranking.items) product *= static_cast<double>(item.propensity);
      const auto [at, first] = lists.emplace(ids_of(ranking), product);
      EXPECT_DOUBLE_EQ(at->second, product) << "whichever policy made the list";
    }
    ASSERT_EQ(lists.size(), 6U);
    double all = 0;
    for (const auto& [list, product] : lists) {
      EXPECT_NEAR(product, epsilon / 6 + (list == greedy() ? 1 - epsilon : 0), 1e-6);
      all += product;
    }
    EXPECT_NEAR(all, 1, 1e-6);
  }
}

TEST_F(Exploration, DrawsEveryListAsOftenAsItsPropensitiesSay) {
  constexpr std::uint64_t kDraws = 20'000;
  constexpr double kEpsilon = 0.3;
  std::map<std::vector<ItemId>, int> counts;
  for (std::uint64_t seed = 0; seed < kDraws; ++seed) ++counts[ids_of(explored(kEpsilon, seed))];
  ASSERT_EQ(counts.size(), 6U);
  for (const auto& [list, count] : counts) {
    const double p = kEpsilon / 6 + (list == greedy() ? 1 - kEpsilon : 0);
    EXPECT_NEAR(count, p * kDraws, 5 * std::sqrt(kDraws * p * (1 - p)));
  }
}

// The formula, position by position, for the greedy list and for one that leaves it after the first item.
TEST_F(Exploration, GivesTheChanceOfEachItemAfterThoseAboveIt) {
  constexpr double kEpsilon = 0.3;
  const std::vector<ItemId> best = greedy();
  const std::vector<ItemId> leaves = {best[0], best[2], best[1]};
  int found = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Ranking ranking = explored(kEpsilon, seed);
    const std::vector<ItemId> list = ids_of(ranking);
    if (list != best && list != leaves) continue;
    found |= list == best ? 1 : 2;
    const double first = kEpsilon / 3 + 0.7;
    EXPECT_FLOAT_EQ(ranking.items[0].propensity, static_cast<float>(first));
    const double second = kEpsilon / 6 + (list == best ? 0.7 : 0);
    EXPECT_FLOAT_EQ(ranking.items[1].propensity, static_cast<float>(second / first));
    EXPECT_FLOAT_EQ(ranking.items[2].propensity, 1);
  }
  EXPECT_EQ(found, 3);
}

TEST_F(Exploration, CountsTheItemsBelowTheLastRankToo) {
  const auto catalog = sample_catalog(share(sample_domain()), 5, 9);
  const ListedScorer scorer(catalog, {0.1F, 0.5F, 0.3F, 0.2F, 0.4F});
  RankRequest request;
  request.best = 2;
  const std::vector<ItemId> best = ids_of(rank(scorer, *model_, ModelId{1}, request));
  const ml::Exploration terms{.share = 0.5};
  request.explore = &terms;
  std::set<std::vector<ItemId>> lists;
  for (request.seed = 0; request.seed < 1'000; ++request.seed) {
    const Ranking ranking = rank(scorer, *model_, ModelId{1}, request);
    ASSERT_EQ(ranking.items.size(), 2U);
    const std::vector<ItemId> list = ids_of(ranking);
    lists.insert(list);
    EXPECT_NEAR(static_cast<double>(ranking.items[0].propensity * ranking.items[1].propensity),
                0.5 / 20 + (list == best ? 0.5 : 0), 1e-6);
  }
  EXPECT_EQ(lists.size(), 20U);
}

TEST_F(Exploration, CountsEligibleCandidatesOnly) {
  RankRequest request;
  const std::vector<ItemId> two = {greedy()[0], greedy()[2]};
  request.candidates = two;
  request.candidates_given = true;
  const ml::Exploration terms{.share = 0.4};
  request.explore = &terms;
  std::set<std::vector<ItemId>> lists;
  for (request.seed = 0; request.seed < 200; ++request.seed) {
    const Ranking ranking = rank(scorer_, *model_, ModelId{1}, request);
    lists.insert(ids_of(ranking));
    EXPECT_FLOAT_EQ(ranking.items[0].propensity, ids_of(ranking) == two ? 0.8F : 0.2F);
    EXPECT_FLOAT_EQ(ranking.items[1].propensity, 1);
  }
  EXPECT_EQ(lists.size(), 2U);
}

TEST_F(Exploration, IsTheModelsOrderWithoutEpsilon) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Ranking ranking = explored(0, seed);
    EXPECT_EQ(ids_of(ranking), greedy());
    EXPECT_EQ(ranking.policy, Policy{});
    for (const RankedItem& item : ranking.items) EXPECT_EQ(item.propensity, 1);
  }
}

TEST_F(Exploration, IsUniformWithAnEpsilonOfOne) {
  std::set<std::vector<ItemId>> lists;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Ranking ranking = explored(1, seed);
    EXPECT_TRUE(drawn_uniformly(ranking.policy));
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_FLOAT_EQ(ranking.items[i].propensity, 1.0F / static_cast<float>(3 - i));
    }
    lists.insert(ids_of(ranking));
  }
  EXPECT_EQ(lists.size(), 6U);
}

TEST_F(Exploration, GivesTheSameListForTheSameSeed) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Ranking one = explored(0.5, seed);
    const Ranking again = explored(0.5, seed);
    EXPECT_EQ(one.items, again.items);
    EXPECT_EQ(one.policy, again.policy);
    EXPECT_EQ(one.seed, seed);
    EXPECT_EQ(one.model, ModelId{7});
  }
}

TEST_F(Exploration, SaysWithWhichChanceItDrewAndWhat) {
  int uniform = 0;
  constexpr int kDraws = 10'000;
  for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
    const Policy policy = explored(0.05, seed).policy;
    const bool drawn = drawn_uniformly(policy);
    EXPECT_EQ(policy, Policy::epsilon_greedy(0.05, drawn));
    uniform += drawn ? 1 : 0;
  }
  EXPECT_NEAR(uniform, 0.05 * kDraws, 5 * std::sqrt(kDraws * 0.05 * 0.95));
}

TEST_F(Exploration, ChangesNothingForAModelThatDrawsAnyway) {
  const auto random = random_model();
  const auto scorer = random->bind(catalog_, nullptr, 0);
  RankRequest request;
  request.seed = 3;
  const Ranking plain = rank(*scorer, *random, ModelId{1}, request);
  const ml::Exploration terms{.share = 0.5};
  request.explore = &terms;
  const Ranking exploring = rank(*scorer, *random, ModelId{1}, request);
  EXPECT_EQ(exploring.items, plain.items);
  EXPECT_EQ(exploring.policy, Policy::uniform());
}

TEST_F(Exploration, AsksTheDrawsOfThePosteriorForTheirOrder) {
  const ml::Exploration terms{.policy = PolicyKind::kThompson, .share = 1};
  RankRequest request;
  request.explore = &terms;
  EXPECT_EQ(rank(scorer_, *model_, ModelId{1}, request).policy, Policy{}) << "a model without a posterior";
  const std::vector<std::shared_ptr<const CatalogScorer>> draws = {
      std::make_shared<ListedScorer>(catalog_, std::vector<float>{0.9F, 0.1F, 0.2F}),
      std::make_shared<ListedScorer>(catalog_, std::vector<float>{0.3F, 0.5F, 0.4F})};
  request.draws = draws;
  std::set<std::vector<ItemId>> lists;
  for (request.seed = 0; request.seed < 100; ++request.seed) {
    const Ranking ranking = rank(scorer_, *model_, ModelId{1}, request);
    const std::vector<ItemId> list = ids_of(ranking);
    lists.insert(list);
    ASSERT_EQ(ranking.policy.kind, PolicyKind::kThompson);
    // Row 0 is the one draw's best and row 1 the other's; of what is left both may put the same first.
    EXPECT_TRUE(list[0] == catalog_->id_at(0) || list[0] == catalog_->id_at(1));
    EXPECT_EQ(ranking.items[0].propensity, 0.5F);
    EXPECT_EQ(ranking.items[2].propensity, 1);
  }
  EXPECT_GT(lists.size(), 1U);
}

// The chance that a uniform order agrees with the model's vanishes soon; what is left is certain.
TEST_F(Exploration, StaysSoundFarDownALongList) {
  const auto catalog = sample_catalog(share(sample_domain()), 2'000, 10);
  const ListedScorer scorer(catalog, {0.1F, 0.5F, 0.3F});
  RankRequest request;
  request.best = 2'000;
  const ml::Exploration terms{.share = 0.5};
  request.explore = &terms;
  for (request.seed = 0; request.seed < 8; ++request.seed) {
    const Ranking ranking = rank(scorer, *model_, ModelId{1}, request);
    const bool drawn = drawn_uniformly(ranking.policy);
    for (std::size_t i = 0; i < ranking.items.size(); ++i) {
      const float propensity = ranking.items[i].propensity;
      ASSERT_GT(propensity, 0);
      ASSERT_LE(propensity, 1);
      if (i < 100) continue;
      EXPECT_FLOAT_EQ(propensity, drawn ? 1.0F / static_cast<float>(2'000 - i) : 1.0F);
    }
  }
}

}  // namespace
}  // namespace rankloop::ml
