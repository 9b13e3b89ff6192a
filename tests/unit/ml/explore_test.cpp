// The ways to explore: their chances, propensities that are true, and what they may cost.
#include "ml/explore/explore.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <numeric>
#include <random>
#include <sstream>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "support/checkout.h"
#include "unit/ml/exploring_lists.h"

namespace rankloop::ml {
namespace {

using ::testing::HasSubstr;

// The 99.9 % quantile of chi-squared, by Wilson and Hilferty, 1931.
double chi_squared_bound(std::size_t cells) {
  const double freedom = static_cast<double>(cells) - 1;
  return freedom * std::pow(1 - 2 / (9 * freedom) + 3.09 * std::sqrt(2 / (9 * freedom)), 3);
}

// By the chain rule a list's propensities multiply to its probability.
TEST(Explored, DrawsEveryListAsOftenAsItsPropensitiesSay) {
  constexpr std::uint64_t kLists = 120'000;
  for (const auto& [name, terms] : all_terms()) {
    std::map<std::vector<std::int64_t>, std::pair<double, double>> lists;  // probability, count
    for (std::uint64_t seed = 0; seed < kLists; ++seed) {
      const Ranking ranking = drawn(terms, seed);
      double probability = 1;
      for (const RankedItem& item : ranking.items) probability *= static_cast<double>(item.propensity);
      auto& [told, count] = lists.try_emplace(ids_of(ranking), probability, 0.0).first->second;
      EXPECT_DOUBLE_EQ(told, probability) << name << ": whichever of the two made the list";
      count += 1;
    }
    double all = 0;
    double statistic = 0;
    std::size_t cells = 1;
    double rare_expected = 0;  // together one cell, with those that were never drawn
    double rare = 0;
    const auto count = [&](double seen, double expected) {
      statistic += (seen - expected) * (seen - expected) / expected;
    };
    for (const auto& [list, seen] : lists) {
      all += seen.first;
      const double expected = seen.first * static_cast<double>(kLists);
      if (expected < 20) {
        rare += seen.second;
        rare_expected += expected;
        continue;
      }
      count(seen.second, expected);
      ++cells;
    }
    EXPECT_NEAR(all, 1, 2e-3) << name;  // lists too rare to be drawn are missing
    rare_expected += std::max(0.0, 1 - all) * static_cast<double>(kLists);
    if (rare_expected > 1) count(rare, rare_expected);
    EXPECT_LT(statistic, chi_squared_bound(cells)) << name << ", " << lists.size() << " lists";
    EXPECT_GT(lists.size(), 3U) << name;
  }
}

TEST(Explored, KeepsTheSafeTopAndWhatIsBelowTheDepth) {
  const std::vector<float> scores = {0.9F, 0.8F, 0.7F, 0.6F, 0.5F, 0.4F, 0.3F};
  for (const PolicyKind policy :
       {PolicyKind::kEpsilonPositions, PolicyKind::kSoftmax, PolicyKind::kSquareCb}) {
    const Exploration terms{
        .policy = policy, .share = 1, .temperature = 10, .gamma = 0, .depth = 4, .safe_top = 2};
    bool departed = false;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      const Ranking ranking = drawn(terms, seed, scores);
      const auto ids = ids_of(ranking);
      EXPECT_EQ(ids[0], 1);
      EXPECT_EQ(ids[1], 2);
      EXPECT_EQ(ranking.items[1].propensity, 1);
      EXPECT_TRUE(std::is_sorted(ids.begin() + 4, ids.end()));
      for (std::size_t i = 4; i < ids.size(); ++i) EXPECT_EQ(ranking.items[i].propensity, 1);
      departed |= ids[2] != 3;
      for (const RankedItem& item : ranking.items) {
        EXPECT_EQ(item.score, scores[static_cast<std::size_t>(item.item.value) - 1]);
      }
    }
    EXPECT_TRUE(departed);
  }
}

TEST(Explored, TellsItsPolicyAndIsNoUniformDraw) {
  for (const auto& [name, terms] : all_terms()) {
    const Policy policy = drawn(terms, 1).policy;
    EXPECT_EQ(policy.kind, terms.policy) << name;
    EXPECT_FALSE(policy.deterministic) << name;
    EXPECT_FALSE(drawn_uniformly(policy)) << name;
    const PolicyText text = to_text(policy);
    EXPECT_EQ(parse_policy(text.name, text.parameters, false), policy) << text.parameters;
    EXPECT_EQ(drawn(terms, 3).items, drawn(exploration_of(policy), 3).items)
        << "drawn again by what is stored";
    EXPECT_EQ(drawn(terms, 2).policy, policy) << name << ": what was set, not what was drawn";
  }
}

TEST(Explored, GivesTheSameListForTheSameSeed) {
  for (const auto& [name, terms] : all_terms())
    EXPECT_EQ(drawn(terms, 9).items, drawn(terms, 9).items) << name;
}

// The value of what is shown, exactly: over every list that may be drawn.
double expected_value(const Slate& slate, const Exploration& terms, std::vector<std::uint32_t> left,
                      int index) {
  if (left.empty() || index >= terms.depth) return 0;
  std::vector<double> chances(left.size());
  chances[0] = 1;
  if (index >= terms.safe_top) way_of(terms.policy).chances({slate, left, index}, terms, chances);
  double value = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (chances[i] <= 0) continue;
    std::vector<std::uint32_t> rest = left;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    value += chances[i] * (slate.probability[left[i]] / std::log2(index + 2) +
                           expected_value(slate, terms, std::move(rest), index + 1));
  }
  return value;
}

TEST(BoundedShare, LosesNoMoreThanIsAllowed) {
  rc::check([](std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<float> scores(2 + seed % 5);
    for (float& score : scores) score = std::uniform_real_distribution<float>(0.01F, 0.99F)(random);
    std::ranges::sort(scores, std::greater{});
    const Slate slate = make_slate(own_order(scores).items, {});
    std::vector<std::uint32_t> all(scores.size());
    std::iota(all.begin(), all.end(), 0U);
    for (const PolicyKind policy :
         {PolicyKind::kEpsilonPositions, PolicyKind::kSoftmax, PolicyKind::kSquareCb}) {
      Exploration terms{
          .policy = policy, .share = 1, .temperature = 3, .gamma = 2, .depth = 4, .most_loss = 0.01};
      terms.safe_top = static_cast<int>(seed % 2);
      const double share = bounded_share(slate, terms);
      Exploration own = terms;
      own.safe_top = own.depth;
      const double most = expected_value(slate, own, all, 0);
      const double value = share * expected_value(slate, terms, all, 0) + (1 - share) * most;
      RC_ASSERT(value >= (1 - terms.most_loss) * most - 1e-12);
      RC_ASSERT(share > 0);
    }
  });
}

TEST(BoundedShare, IsTheWholeAllowanceWhereOnePositionExplores) {
  const Slate slate = make_slate(own_order(kFive).items, {});
  std::vector<std::uint32_t> all = {0, 1, 2, 3, 4};
  const Exploration terms{
      .policy = PolicyKind::kSoftmax, .share = 1, .temperature = 5, .depth = 1, .most_loss = 0.02};
  const double share = bounded_share(slate, terms);
  const double lost = slate.probability[0] - expected_value(slate, terms, all, 0);
  EXPECT_LT(share, 0.2);
  EXPECT_NEAR(share * lost, 0.02 * slate.probability[0], 1e-12);
}

TEST(BoundedShare, LeavesWhatCostsLittleAlone) {
  const Slate slate = make_slate(own_order(kFive).items, {});
  EXPECT_EQ(
      bounded_share(slate,
                    {.policy = PolicyKind::kSoftmax, .share = 0.7, .temperature = 0.01, .most_loss = 0.05}),
      0.7);
  EXPECT_EQ(bounded_share(slate, {.policy = PolicyKind::kSoftmax, .share = 0.7, .temperature = 9}), 0.7);
}

// Chances by Vowpal Wabbit of the same scores (tests/fixtures/explore/make.py).
class VowpalWabbit : public ::testing::Test {
 protected:
  static boost::json::object read() {
    const std::ifstream file(in_checkout("tests/fixtures/explore/vowpal_wabbit.json"));
    std::stringstream text;
    text << file.rdbuf();
    return boost::json::parse(text.str()).as_object();
  }

  // A cost is a negative reward.
  static void compare(PolicyKind policy, const char* name, const char* parameter) {
    const boost::json::object found = read();
    int compared = 0;
    for (const auto& setting : found.at(name).as_array()) {
      const double value = setting.at(parameter).to_number<double>();
      const Exploration terms{.policy = policy, .share = 1, .temperature = value, .gamma = value};
      for (std::size_t c = 0; c < found.at("scores").as_array().size(); ++c) {
        const auto& costs = found.at("scores").as_array()[c].as_array();
        Slate slate;
        for (const auto& cost : costs) {
          slate.log_odds.push_back(-cost.to_number<double>());
          slate.probability.push_back(-cost.to_number<double>());
        }
        std::vector<std::uint32_t> left(costs.size());
        std::iota(left.begin(), left.end(), 0U);
        std::ranges::sort(left, std::greater{},
                          [&](std::uint32_t place) { return slate.probability[place]; });
        std::vector<double> chances(left.size());
        way_of(policy).chances({slate, left, 0}, terms, chances);
        for (std::size_t i = 0; i < left.size(); ++i) {
          const double theirs = setting.at("chances").as_array()[c].as_array()[left[i]].to_number<double>();
          EXPECT_NEAR(chances[i], theirs, 1e-6) << name << " " << value << ", case " << c;
          ++compared;
        }
      }
    }
    EXPECT_GT(compared, 100);
  }
};

TEST_F(VowpalWabbit, HasTheSameSoftmax) {
  compare(PolicyKind::kSoftmax, "softmax", "temperature");
}

TEST_F(VowpalWabbit, HasTheSameSquareCb) {
  compare(PolicyKind::kSquareCb, "squarecb", "gamma");
}

TEST(Softmax, MeansTheSameOfStretchedRawScores) {
  Ranking narrow = own_order({0.52F, 0.51F, 0.49F});
  Ranking wide = narrow;
  const auto log_odds = [](double p) { return std::log(p / (1 - p)); };
  for (std::size_t i = 0; i < 3; ++i) {
    wide.items[i].score =
        static_cast<float>(1 / (1 + std::exp(-20 * log_odds(static_cast<double>(narrow.items[i].score)))));
  }
  const Slate one = make_slate(narrow.items, {.slope = 20});
  const Slate other = make_slate(wide.items, {});
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(one.log_odds[i], other.log_odds[i], 1e-4);
}

TEST(Softmax, IsTheModelsOwnOrderWithoutTemperature) {
  const Exploration terms{.policy = PolicyKind::kSoftmax, .share = 1, .temperature = 0};
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    EXPECT_EQ(ids_of(drawn(terms, seed)), ids_of(own_order(kFive)));
}

TEST(Thompson, GivesTheShareOfTheDrawsThatPutAnItemFirst) {
  Slate slate = make_slate(own_order(kFive).items, {});
  slate.draws = {
      {0.9F, 0.1F, 0.2F, 0, 0}, {0.1F, 0.9F, 0.2F, 0, 0}, {0.8F, 0.9F, 0.2F, 0, 0}, {0, 0, 0, 0, 0}};
  const std::vector<std::uint32_t> all = {0, 1, 2, 3, 4};
  std::vector<double> chances(5);
  thompson_chances({slate, all, 0}, {}, chances);
  EXPECT_EQ(chances, (std::vector<double>{0.5, 0.5, 0, 0, 0}));
  const std::vector<std::uint32_t> left = {0, 2, 3, 4};
  chances.resize(4);
  thompson_chances({slate, left, 1}, {}, chances);
  EXPECT_EQ(chances, (std::vector<double>{0.75, 0.25, 0, 0}));
}

Schema fields() {
  Field age{.name = "age", .type = FieldType::kInt};
  Field pets{.name = "pets", .type = FieldType::kBool};
  Field trip{.name = "trip", .type = FieldType::kCategory, .values = {"business", "holiday"}};
  Field born{.name = "born", .type = FieldType::kDate};
  return Schema({age, pets, trip, born}, {}, {});
}

TEST(SegmentOfRequests, HoldsWhereTheFieldHasTheValue) {
  const Schema schema = fields();
  Values values;
  values.numbers = {30, 1, 0};
  values.words = {std::vector<std::string>{"business"}};
  for (const char* text : {"age=30", "pets=true", "trip=business"}) {
    const auto segment = parse_segment(text, schema);
    ASSERT_TRUE(segment) << segment.error().message;
    EXPECT_TRUE(segment->holds(values)) << text;
    EXPECT_EQ(segment->text, text);
  }
  for (const char* text : {"age=31", "pets=false", "trip=holiday"}) {
    EXPECT_FALSE(parse_segment(text, schema)->holds(values)) << text;
  }
  values.words = {std::nullopt};
  EXPECT_FALSE(parse_segment("trip=business", schema)->holds(values));
}

TEST(SegmentOfRequests, IsRefusedWhereItCanHoldOfNobody) {
  const Schema schema = fields();
  for (const auto& [text, why] : std::map<std::string, std::string>{{"age", "no '='"},
                                                                    {"size=3", "no field 'size'"},
                                                                    {"age=old", "'old' is no value"},
                                                                    {"pets=1", "'1' is no value"},
                                                                    {"trip=space", "'space' is no word"},
                                                                    {"born=2000-01-01", "another type"}}) {
    const auto segment = parse_segment(text, schema);
    ASSERT_FALSE(segment) << text;
    EXPECT_EQ(segment.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(segment.error().message, HasSubstr(why)) << text;
  }
}

}  // namespace
}  // namespace rankloop::ml
