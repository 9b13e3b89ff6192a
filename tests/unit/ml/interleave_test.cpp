// Interleaving: propensities that are true, credit that favours nobody, and how few requests it needs.
#include "ml/interleave.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

namespace rankloop::ml {
namespace {

using List = std::vector<std::int64_t>;

std::vector<ItemId> ranking(const List& ids) {
  std::vector<ItemId> items;
  for (const std::int64_t id : ids) items.push_back(ItemId{id});
  return items;
}

List ids_of(const std::vector<Placed>& list) {
  List ids;
  for (const Placed& placed : list) ids.push_back(placed.item.value);
  return ids;
}

double probability_of(const std::vector<Placed>& list) {
  double probability = 1;
  for (const Placed& placed : list) probability *= placed.propensity;
  return probability;
}

// Every list that a team draft may make, with its probability, by trying every fall of the coins.
std::map<List, double> every_draft(const List& first, const List& second, std::size_t length) {
  std::map<List, double> lists;
  const std::size_t rounds = (length + 1) / 2;
  for (std::size_t coins = 0; coins < (1U << rounds); ++coins) {
    List list;
    const auto place = [&](const List& own, const List& other) {
      if (list.size() == length) return;
      for (const List* from : {&own, &other}) {
        const auto item = std::ranges::find_if(
            *from, [&](std::int64_t id) { return std::ranges::find(list, id) == list.end(); });
        if (item == from->end()) continue;
        list.push_back(*item);
        return;
      }
    };
    for (std::size_t round = 0; round < rounds; ++round) {
      const bool first_goes = (coins >> round & 1) != 0;
      place(first_goes ? first : second, first_goes ? second : first);
      place(first_goes ? second : first, first_goes ? first : second);
    }
    lists[list] += 1 / static_cast<double>(1U << rounds);
  }
  return lists;
}

const std::vector<std::pair<List, List>> kPairs = {
    {{1, 2, 3, 4, 5, 6}, {3, 1, 6, 2, 5, 4}},
    {{1, 2, 3, 4}, {1, 2, 3, 4}},
    {{1, 2, 3, 4, 5}, {1, 3, 2, 5, 4}},
    {{1, 2, 3}, {7, 8, 9}},
    {{1}, {2, 1, 3, 4}},
    {{}, {4, 5}},
};

TEST(TeamDraft, HasExactPropensities) {
  for (const auto& [first, second] : kPairs) {
    const std::size_t items = std::max(first.size(), second.size());
    const auto expected = every_draft(first, second, items);
    std::map<List, int> drawn;
    constexpr std::uint64_t kDrafts = 4'000;
    for (std::uint64_t seed = 0; seed < kDrafts; ++seed) {
      const auto list = team_draft(ranking(first), ranking(second), items, seed);
      const auto known = expected.find(ids_of(list));
      ASSERT_NE(known, expected.end());
      ASSERT_NEAR(probability_of(list), known->second, 1e-12);
      ++drawn[ids_of(list)];
    }
    for (const auto& [list, probability] : expected) {
      EXPECT_NEAR(drawn[list], probability * kDrafts,
                  5 * std::sqrt(kDrafts * probability * (1 - probability)));
    }
  }
}

TEST(TeamDraft, LetsBothArmsPlaceAsMany) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto list = team_draft(ranking(kPairs[0].first), ranking(kPairs[0].second), 6, seed);
    EXPECT_EQ(std::ranges::count(list, Arm::kFirst, &Placed::arm), 3);
    for (const Placed& placed : list) EXPECT_EQ(placed.first_credit, placed.arm == Arm::kFirst ? 1 : 0);
  }
}

TEST(InterleavingByChance, HasExactPropensities) {
  for (const auto& [first, second] : kPairs) {
    constexpr std::uint64_t kLists = 60'000;
    std::map<List, std::pair<double, int>> lists;
    for (std::uint64_t seed = 0; seed < kLists; ++seed) {
      const auto list = interleave_by_chance(ranking(first), ranking(second), 3, seed, 1);
      auto& [probability, count] = lists.try_emplace(ids_of(list), probability_of(list), 0).first->second;
      EXPECT_NEAR(probability, probability_of(list), 1e-12);
      ++count;
    }
    double all = 0;
    for (const auto& [list, seen] : lists) {
      const auto& [probability, count] = seen;
      all += probability;
      EXPECT_NEAR(count, probability * kLists, 5 * std::sqrt(kLists * probability) + 1);
    }
    EXPECT_NEAR(all, 1, 0.01);
  }
}

// By the formula: half of what either arm would draw first, as likely as rank^-decay.
TEST(InterleavingByChance, CreditsBothByHowLikelyEachPlacedIt) {
  const auto first = ranking({1, 2, 3});
  const auto second = ranking({3, 2, 1});
  const double sum = 1 + 1.0 / 8 + 1.0 / 27;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Placed top = interleave_by_chance(first, second, 1, seed)[0];
    const double by_first = std::pow(static_cast<double>(top.item.value), -3) / sum;
    const double by_second = std::pow(static_cast<double>(4 - top.item.value), -3) / sum;
    EXPECT_NEAR(top.propensity, (by_first + by_second) / 2, 1e-12);
    EXPECT_NEAR(top.first_credit, by_first / (by_first + by_second), 1e-12);
  }
}

// People who look at some positions, the first ones rather, and pick the best of what they see, as they judge
// it. Items 0..n-1: 0 is the best.
class People {
 public:
  explicit People(std::uint32_t seed) : random_(seed) {}

  // A model's order: true goodness and noise.
  std::vector<ItemId> ranked(double noise) {
    std::vector<std::pair<double, std::int64_t>> scores;
    for (std::int64_t item = 0; item < kItems; ++item) {
      scores.emplace_back(goodness(item) + noise * normal_(random_), item);
    }
    std::ranges::sort(scores, std::greater{});
    std::vector<ItemId> items;
    for (const auto& [score, item] : scores) items.push_back(ItemId{item});
    return items;
  }
  std::vector<std::size_t> picked(const std::vector<ItemId>& list) {
    std::optional<std::pair<double, std::size_t>> best;
    for (std::size_t position = 0; position < list.size(); ++position) {
      if (uniform_(random_) > 1 / std::sqrt(static_cast<double>(position + 1))) continue;
      const double judged = goodness(list[position].value) + 0.2 * normal_(random_);
      if (!best || judged > best->first) best = {judged, position};
    }
    if (!best || uniform_(random_) < 0.1) return {};
    return {best->second};
  }
  // What a pick was worth.
  double value_of(const std::vector<ItemId>& list) {
    const auto pick = picked(list);
    return pick.empty() ? 0 : goodness(list[pick.front()].value);
  }

 private:
  static constexpr std::int64_t kItems = 40;
  static double goodness(std::int64_t item) { return std::exp(-0.08 * static_cast<double>(item)); }
  std::mt19937 random_;
  std::normal_distribution<double> normal_;
  std::uniform_real_distribution<double> uniform_;
};

constexpr std::size_t kShown = 10;

std::vector<ItemId> items_of(const std::vector<Placed>& list) {
  std::vector<ItemId> items;
  for (const Placed& placed : list) items.push_back(placed.item);
  return items;
}

using Merge = std::vector<Placed> (*)(std::span<const ItemId>, std::span<const ItemId>, std::size_t,
                                      std::uint64_t);

std::vector<Placed> by_chance(std::span<const ItemId> first, std::span<const ItemId> second,
                              std::size_t length, std::uint64_t seed) {
  return interleave_by_chance(first, second, length, seed);
}

std::vector<Credit> credits(Merge merge, double first_noise, double second_noise, std::size_t requests,
                            std::uint32_t seed) {
  People people(seed);
  std::vector<Credit> found;
  for (std::size_t request = 0; request < requests; ++request) {
    const auto first = people.ranked(first_noise);
    const auto second = people.ranked(second_noise);
    const auto list = merge(first, second, kShown, seed * 100'000ULL + request);
    found.push_back(credit_of(list, people.picked(items_of(list))));
  }
  return found;
}

TEST(Interleaving, PrefersNeitherOfTwoEquallyGoodModels) {
  for (const Merge merge : {team_draft, by_chance}) {
    int alarms = 0;
    int first_ahead = 0;
    constexpr int kTrials = 200;
    for (std::uint32_t trial = 0; trial < kTrials; ++trial) {
      const Preference preference =
          preference_of(credits(merge, 0.3, 0.3, 200, trial), {}, {.resamples = 100});
      alarms += preference.p_value < 0.05 ? 1 : 0;
      first_ahead += preference.difference < 0 ? 1 : 0;
    }
    EXPECT_LE(alarms, 0.05 * kTrials + 4 * std::sqrt(kTrials * 0.05 * 0.95));
    EXPECT_NEAR(first_ahead, kTrials / 2.0, 4 * std::sqrt(kTrials / 4.0));
  }
}

struct Moments {
  double mean = 0;
  double variance = 0;
};

Moments moments_of(const std::vector<double>& values) {
  Moments moments;
  const auto n = static_cast<double>(values.size());
  moments.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  for (const double value : values)
    moments.variance += (value - moments.mean) * (value - moments.mean) / (n - 1);
  return moments;
}

// Requests that a two-sided test at 5 % needs for a power of 80 %, by the normal approximation.
constexpr double kFactor = (1.96 + 0.8416) * (1.96 + 0.8416);

// On the simulator, where people differ more, it is a tenth and less (bench/interleaving_bench.cpp).
TEST(Interleaving, FindsTheBetterModelWithFarFewerRequestsThanASplit) {
  constexpr std::size_t kRequests = 8'000;
  People people(1);
  std::vector<double> with_first;
  std::vector<double> with_second;
  for (std::size_t request = 0; request < kRequests; ++request) {
    auto list = people.ranked(0.35);
    list.resize(kShown);
    with_first.push_back(people.value_of(list));
    list = people.ranked(0.25);
    list.resize(kShown);
    with_second.push_back(people.value_of(list));
  }
  const Moments first = moments_of(with_first);
  const Moments second = moments_of(with_second);
  const double difference = second.mean - first.mean;
  ASSERT_GT(difference, 0);
  const double split = 2 * kFactor * (first.variance + second.variance) / (difference * difference);
  for (const Merge merge : {team_draft, by_chance}) {
    std::vector<double> differences;
    for (const Credit& credit : credits(merge, 0.35, 0.25, kRequests, 2))
      differences.push_back(credit.second - credit.first);
    const Moments credit = moments_of(differences);
    ASSERT_GT(credit.mean, 0);
    const double interleaved = kFactor * credit.variance / (credit.mean * credit.mean);
    EXPECT_LT(interleaved, split / 3) << interleaved << " against " << split;
    // And so many do find it.
    int found = 0;
    constexpr int kTrials = 60;
    for (std::uint32_t trial = 0; trial < kTrials; ++trial) {
      const auto few = credits(merge, 0.35, 0.25, static_cast<std::size_t>(1.3 * interleaved), 1'000 + trial);
      const Preference preference = preference_of(few, {}, {.resamples = 100});
      found += preference.p_value < 0.05 && preference.difference > 0 ? 1 : 0;
    }
    EXPECT_GE(found, 40) << "of " << kTrials << ", with 1.3 times " << interleaved;
  }
}

Ranking own_order(const List& ids, ModelId model) {
  Ranking ranking;
  ranking.model = model;
  for (const std::int64_t id : ids)
    ranking.items.push_back({ItemId{id}, static_cast<float>(model.value) / 10, 1});
  return ranking;
}

class InterleavedRanking : public testing::TestWithParam<Interleaving> {};
INSTANTIATE_TEST_SUITE_P(Ways, InterleavedRanking,
                         testing::Values(Interleaving::kTeamDraft, Interleaving::kProbabilistic),
                         [](const auto& way) {
                           return way.param == Interleaving::kTeamDraft ? "TeamDraft" : "Probabilistic";
                         });

TEST_P(InterleavedRanking, TellsBothModelsWhoPlacedWhatAndHowLikely) {
  Ranking first = own_order({1, 2, 3, 4, 5, 6}, ModelId{3});
  const Ranking second = own_order({6, 1, 5, 2, 4, 3}, ModelId{8});
  const auto merge = GetParam() == Interleaving::kTeamDraft ? team_draft : by_chance;
  for (first.seed = 0; first.seed < 100; ++first.seed) {
    const Ranking merged = interleave(first, second, GetParam(), 4);
    EXPECT_EQ(merged.model, ModelId{3});
    ASSERT_EQ(merged.items.size(), 6U);
    const auto drafted = drafted_by(merged.policy);
    ASSERT_TRUE(drafted);
    EXPECT_EQ(drafted->first, ModelId{3});
    EXPECT_EQ(drafted->second, ModelId{8});
    EXPECT_EQ(drafted->way, GetParam());
    EXPECT_EQ(drafted->depth, 4U);
    ASSERT_EQ(merged.placed.size(), 4U);
    const auto list = merge(ranking({1, 2, 3, 4, 5, 6}), ranking({6, 1, 5, 2, 4, 3}), 4, first.seed);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(merged.items[i].item, list[i].item);
      EXPECT_EQ(merged.placed[i].by_second, list[i].arm == Arm::kSecond);
      EXPECT_FLOAT_EQ(merged.placed[i].first_credit, static_cast<float>(list[i].first_credit));
      EXPECT_FLOAT_EQ(merged.items[i].propensity, static_cast<float>(list[i].propensity));
      EXPECT_FLOAT_EQ(merged.items[i].score, list[i].arm == Arm::kFirst ? 0.3F : 0.8F);
      const Credit credit = credit_at(merged.placed, static_cast<int>(i) + 1);
      EXPECT_NEAR(credit.first, list[i].first_credit, 1e-6);
      EXPECT_NEAR(credit.first + credit.second, 1, 1e-12);
    }
    EXPECT_LT(merged.items[4].item, merged.items[5].item);
    EXPECT_EQ(merged.items[5].propensity, 1);
    const PolicyText text = to_text(merged.policy);
    EXPECT_EQ(parse_policy(text.name, text.parameters, false), merged.policy);
    EXPECT_FALSE(drawn_uniformly(merged.policy));
  }
  EXPECT_FALSE(drafted_by(Policy{}));
}

TEST_P(InterleavedRanking, IsAsLongAsTheFirstAlsoWhereTheSecondHasOthers) {
  Ranking first = own_order({1, 2, 3}, ModelId{3});
  const Ranking second = own_order({7, 8, 9}, ModelId{8});
  for (first.seed = 0; first.seed < 20; ++first.seed) {
    const Ranking merged = interleave(first, second, GetParam());
    EXPECT_EQ(merged.items.size(), 3U);
    EXPECT_EQ(merged.placed.size(), 3U);
  }
  EXPECT_TRUE(interleave(own_order({}, ModelId{3}), own_order({}, ModelId{8}), GetParam()).items.empty());
}

TEST(Credit, IsOfTheMergedPositionsAlone) {
  const std::vector<Placement> placed = {{false, 1}, {true, 0.25F}};
  EXPECT_EQ(credit_at(placed, 1).first, 1);
  EXPECT_EQ(credit_at(placed, 2).second, 0.75);
  for (const int rank : {0, 3}) {
    EXPECT_EQ(credit_at(placed, rank).first, 0);
    EXPECT_EQ(credit_at(placed, rank).second, 0);
  }
}

TEST(Preference, CountsPeopleAndNotTheirRequests) {
  std::vector<Credit> requests(60, Credit{1, 0});  // one person asks sixty times
  std::vector<std::int64_t> people(60, 7);
  for (std::int64_t other = 100; other < 106; ++other) {
    requests.push_back({0, 1});
    people.push_back(other);
  }
  const Preference preference = preference_of(requests, people);
  EXPECT_EQ(preference.requests, 66U);
  EXPECT_EQ(preference.people, 7U);
  EXPECT_EQ(preference.for_first, 1U);
  EXPECT_EQ(preference.for_second, 6U);
  EXPECT_NEAR(preference.difference, -54.0 / 66, 1e-12);
  EXPECT_NEAR(preference.p_value, 2 * 8 / 128.0, 1e-12);
}

TEST(Preference, SaysNothingWithoutRequests) {
  const Preference preference = preference_of({}, {});
  EXPECT_EQ(preference.people, 0U);
  EXPECT_EQ(preference.p_value, 1);
}

TEST(SignTest, IsExact) {
  EXPECT_NEAR(sign_test(5, 5), 1, 1e-12);
  EXPECT_NEAR(sign_test(10, 0), 2.0 / 1024, 1e-12);
  EXPECT_NEAR(sign_test(2, 8), 2 * 56.0 / 1024, 1e-9);  // 1 + 10 + 45 of 1,024
  EXPECT_EQ(sign_test(0, 0), 1);
  EXPECT_NEAR(sign_test(5'200, 4'800), std::erfc(399 / std::sqrt(2.0 * 10'000)), 1e-6);
}

}  // namespace
}  // namespace rankloop::ml
