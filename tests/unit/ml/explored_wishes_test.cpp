// Propensities of lists that are drawn under wishes: as often as they say.
#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ml/placing.h"
#include "unit/ml/exploring_lists.h"
#include "unit/ml/wished_shop.h"

namespace rankloop::ml {
namespace {

using ::testing::ElementsAre;

constexpr std::uint64_t kLists = 60'000;

// Every list comes as often as its propensities multiply to.
template <class Draw>
void expect_exact(const std::string& name, std::uint64_t count_of_lists, const Draw& draw) {
  std::map<std::vector<std::int64_t>, std::pair<double, double>> lists;  // probability, count
  for (std::uint64_t seed = 0; seed < count_of_lists; ++seed) {
    const Ranking ranking = draw(seed);
    double probability = 1;
    for (const RankedItem& item : ranking.items) probability *= static_cast<double>(item.propensity);
    auto& [told, count] = lists.try_emplace(numbers_of(ranking), probability, 0.0).first->second;
    EXPECT_NEAR(told, probability, 1e-9) << name << ": whichever way made the list";
    count += 1;
  }
  double all = 0;
  for (const auto& [list, seen] : lists) {
    all += seen.first;
    const double deviation = std::sqrt(seen.first * (1 - seen.first) / static_cast<double>(count_of_lists));
    EXPECT_NEAR(seen.second / static_cast<double>(count_of_lists), seen.first, 5 * deviation + 1e-9) << name;
  }
  EXPECT_NEAR(all, 1, 1e-2) << name;
  EXPECT_GT(lists.size(), 1U) << name;
}

std::vector<Offer> five() {
  return {{10, "acme", 0.8F}, {20, "acme", 0.7F}, {30, "acme", 0.5F}, {40, "bolt", 0.3F}, {50, "", 0.1F}};
}

const std::string kOneOfABrand = "[[wish]]\nname='one'\nhow='at_most'\nfield='brand'\nmost=1\nfirst=3\n";
const std::string kPin = "[[wish]]\nname='pin'\nhow='pin'\nat=2\nwhere=['item.price > 15.5']\n";

TEST(ExploredWishes, DrawUniformOrdersAmongWhatMayStand) {
  const WishedShop shop(kOneOfABrand, five());
  expect_exact("uniform, bounded", kLists, [&](std::uint64_t seed) { return shop.draw(seed, 3); });
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Ranking ranking = shop.draw(seed);
    int acme = 0;
    for (std::size_t i = 0; i < 3; ++i) acme += ranking.items[i].item.value <= 3 ? 1 : 0;
    EXPECT_EQ(acme, 1) << "three positions, and two other items";
    EXPECT_EQ(ranking.items.back().propensity, 1);
    EXPECT_EQ(ranking.policy.kind, PolicyKind::kUniform);
  }
}

TEST(ExploredWishes, PinTheSmallestIdOfAnOrderThatIsDrawn) {
  const WishedShop shop(kPin, five());
  expect_exact("uniform, pinned", kLists, [&](std::uint64_t seed) { return shop.draw(seed, 3); });
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Ranking ranking = shop.draw(seed);
    EXPECT_EQ(ranking.items[1].item, ItemId{2});
    EXPECT_EQ(ranking.items[1].propensity, 1);
    EXPECT_FLOAT_EQ(ranking.items[0].propensity, 0.25F);
    EXPECT_FLOAT_EQ(ranking.items[2].propensity, 1.0F / 3);
  }
}

TEST(ExploredWishes, MixTheModelsOrderWithAUniformOneExactly) {
  for (const std::string& wishes : {kOneOfABrand, kPin, kOneOfABrand + kPin}) {
    const WishedShop shop(wishes, five());
    const Exploration terms{.share = 0.4};
    expect_exact("mixture" + wishes, kLists, [&](std::uint64_t seed) {
      RankRequest request = shop.request(4, seed);
      request.explore = &terms;
      const Ranking ranking = shop.rank(request);
      EXPECT_EQ(ranking.policy.kind, PolicyKind::kEpsilonGreedy);
      if (!ranking.policy.pinned.empty()) {
        EXPECT_EQ(ranking.items[1].item, ItemId{2});
        EXPECT_EQ(ranking.items[1].propensity, 1);
      }
      return ranking;
    });
  }
}

TEST(ExploredWishes, ExploreByPositionsExactly) {
  const std::string boost = "[[wish]]\nname='b'\nhow='boost'\nby=1.5\nwhere=['item.brand == \"bolt\"']\n";
  for (const std::string& wishes : {kOneOfABrand, kPin, kOneOfABrand + kPin, boost + kOneOfABrand}) {
    const WishedShop shop(wishes, five());
    const bool pinned = !shop.rank().policy.pinned.empty();
    for (const auto& [name, terms] : all_terms()) {
      if (terms.policy == PolicyKind::kThompson) continue;  // of a posterior that these models have not
      if (pinned && terms.policy == PolicyKind::kSquareCb && terms.safe_top == 1) continue;  // the pin's own
      const Exploration& of_this = terms;
      expect_exact(name + wishes, 20'000, [&](std::uint64_t seed) {
        RankRequest request = shop.request(5, seed);
        request.explore = &of_this;
        const Ranking ranking = shop.rank(request);
        if (pinned) {
          EXPECT_EQ(ranking.items[1].item, ItemId{2});
          EXPECT_EQ(ranking.items[1].propensity, 1);
        }
        return ranking;
      });
    }
  }
}

TEST(ExploredWishes, KeepWhatWasWishedWithThePolicy) {
  const WishedShop shop(kOneOfABrand + kPin, five());
  const Exploration terms{.policy = PolicyKind::kSoftmax, .share = 1, .temperature = 1};
  RankRequest request = shop.request(5, 3);
  request.explore = &terms;
  const Policy policy = shop.rank(request).policy;
  EXPECT_EQ(policy.wishes, shop.held().text);
  EXPECT_THAT(policy.pinned, ElementsAre(2));
  const PolicyText text = to_text(policy);
  EXPECT_EQ(parse_policy(text.name, text.parameters, false), policy);
  EXPECT_EQ(exploration_of(policy).temperature, 1);
}

TEST(EvenChances, CountWhatMayStandOfManyBounds) {
  // Codes of six places by two bounds; the second one ends before the first.
  const Placing placing{.bounds = {{1, 3, {1, 1, 2, 2, 3, -1}}, {1, 2, {7, 8, 7, 8, -1, -1}}}, .pins = {}};
  const std::vector<std::uint32_t> list = {0, 3, 4, 5, 1, 2};
  // Above 3: 1 (brand) and 2 (the other word) may not stand beside 0; then 2 neither, whose brand stands.
  EXPECT_THAT(even_chances(placing, 6, list), ElementsAre(1.0 / 6, 1.0 / 3, 1.0 / 2, 1.0 / 3, 1.0 / 2, 1));
}

}  // namespace
}  // namespace rankloop::ml
