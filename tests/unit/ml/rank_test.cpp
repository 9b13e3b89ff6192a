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
  void score_all(std::span<const double> /*request*/, std::uint64_t /*seed*/,
                 ScoreSink& sink) const override {
    for (std::uint32_t first = 0; first < catalog_->rows(); first += kChunkRows) {
      std::vector<float> scores;
      for (std::size_t i = 0; i < catalog_->chunks()[first / kChunkRows]->rows; ++i)
        scores.push_back(at(first + i));
      sink.take(first, scores);
    }
  }
  void score_rows(std::span<const double> /*request*/, std::uint64_t /*seed*/,
                  std::span<const std::uint32_t> rows, std::span<float> scores) const override {
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
          static_cast<double>(chunk.column(catalog.position_of(rule.item_column))[row % kChunkRows]);
      const double right = static_cast<double>(
          static_cast<float>(rule.request_column ? request[*rule.request_column] : rule.constant));
      const bool there = !std::isnan(left) && !std::isnan(right);
      bool keeps = false;
      switch (rule.op) {
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
      Rule rule;
      rule.item_column = static_cast<std::size_t>(random.whole(1, 5));
      rule.op = static_cast<Comparison>(random.whole(0, 5));
      if (random.chance(0.7)) rule.request_column = static_cast<std::size_t>(random.whole(0, 3));
      rule.constant = static_cast<double>(random.whole(0, 2));
      domain.rules.push_back(rule);
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
    request.request_columns = columns;
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
  request.request_columns = columns;
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
  domain.rules.push_back({5, Comparison::kEqual, std::nullopt, 1, "item.i5 == 1"});
  const auto catalog = sample_catalog(share(domain), 500, 3);
  std::size_t eligible = 0;
  for (const float value : catalog->chunks()[0]->column(catalog->position_of(5)).first(500))
    eligible += value == 1;
  const auto model = random_model();
  RankRequest request;
  request.best = 20;
  request.seed = 5;
  const Ranking ranking = rank(*model->bind(catalog, nullptr, 0), *model, ModelId{1}, request);
  EXPECT_EQ(ranking.policy, (Policy{"uniform", {}, false}));
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
  request.request_columns = columns;
  const auto empty = Catalog::empty(share(sample_domain()));
  EXPECT_TRUE(rank(*model->bind(empty, nullptr, kUnbounded), *model, ModelId{1}, request).items.empty());
  request.candidates_given = true;
  const auto catalog = sample_catalog(share(sample_domain()), 30, 5);
  EXPECT_TRUE(rank(*model->bind(catalog, nullptr, kUnbounded), *model, ModelId{1}, request).items.empty());
}

}  // namespace
}  // namespace rankloop::ml
