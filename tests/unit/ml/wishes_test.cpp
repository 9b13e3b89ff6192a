// What wishes make of a model's order.
#include "ml/wishes.h"

#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "unit/ml/wished_shop.h"

namespace rankloop::ml {
namespace {

using ::testing::ElementsAre;

const std::string kTwoOfABrand = "[[wish]]\nname='two'\nhow='at_most'\nfield='brand'\nmost=2\nfirst=4\n";

std::vector<Offer> six() {
  return {{10, "acme", 0.9F}, {20, "acme", 0.8F}, {30, "acme", 0.7F},
          {40, "acme", 0.6F}, {50, "bolt", 0.5F}, {60, "", 0.4F}};
}

std::string where(const std::string& name, const std::string& how, const std::string& condition,
                  const std::string& more = "") {
  return "[[wish]]\nname='" + name + "'\nhow='" + how + "'\nwhere=['" + condition + "']\n" + more + "\n";
}

TEST(Wishes, BoundWhatStandsAtTheFirstPositions) {
  const WishedShop shop(kTwoOfABrand, six());
  const Ranking ranking = shop.rank();
  EXPECT_THAT(numbers_of(ranking), ElementsAre(1, 2, 5, 6, 3, 4));
  EXPECT_EQ(ranking.items[4].score, 0.7F);
  EXPECT_EQ(ranking.policy.kind, PolicyKind::kGreedy);
  EXPECT_TRUE(ranking.policy.deterministic);
  EXPECT_TRUE(ranking.policy.bounded);
  EXPECT_EQ(ranking.policy.wishes, shop.held().text);
  EXPECT_THAT(numbers_of(shop.rank(3)), ElementsAre(1, 2, 5)) << "from below what the ranking keeps";
}

TEST(Wishes, GiveWayWhereNothingElseIsLeft) {
  std::vector<Offer> offers = six();
  offers.resize(4);
  EXPECT_THAT(numbers_of(WishedShop(kTwoOfABrand, offers).rank()), ElementsAre(1, 2, 3, 4));
}

TEST(Wishes, BlockWhatTheyHoldForAndNothingElse) {
  const WishedShop shop(where("b", "block", "item.brand == \"acme\""), six());
  EXPECT_THAT(numbers_of(shop.rank()), ElementsAre(5, 6)) << "an absent brand is no acme";
  RankRequest some = shop.request();
  const std::vector<ItemId> candidates = {ItemId{1}, ItemId{6}};
  some.candidates = candidates;
  some.candidates_given = true;
  EXPECT_THAT(numbers_of(shop.rank(some)), ElementsAre(6));
  EXPECT_THAT(eligible_items(*shop.catalog(), some), ElementsAre(ItemId{6}));
  EXPECT_THAT(numbers_of(WishedShop(where("b", "block", "item.price > 1.5"), six()).rank()), ElementsAre());
}

TEST(Wishes, BoostTheOrderAndKeepTheScores) {
  const WishedShop shop(where("b", "boost", "item.price > request.budget", "by=20") +
                            where("c", "boost", "item.brand == \"acme\"", "by=-20"),
                        six());
  const Ranking ranking = shop.rank();
  EXPECT_THAT(numbers_of(ranking), ElementsAre(6, 5, 1, 2, 3, 4));
  EXPECT_EQ(ranking.items[0].score, 0.4F);
  // 0.6 and 0.5 lie 0.405 apart.
  const auto pushed = [](const char* by) {
    return numbers_of(WishedShop(where("b", "boost", "item.brand == \"bolt\"", by), six()).rank());
  };
  EXPECT_THAT(pushed("by=0.40"), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(pushed("by=0.41"), ElementsAre(1, 2, 3, 5, 4, 6));
}

TEST(Wishes, PinTheBestThatTheyHoldFor) {
  const WishedShop shop(where("p", "pin", "item.price > 25.0", "at=2"), six());
  const Ranking ranking = shop.rank();
  EXPECT_THAT(numbers_of(ranking), ElementsAre(1, 3, 2, 4, 5, 6));
  EXPECT_THAT(ranking.policy.pinned, ElementsAre(2));
  EXPECT_THAT(numbers_of(shop.rank(2)), ElementsAre(1, 3)) << "whatever else is kept";
  const WishedShop last(where("p", "pin", "item.brand == \"bolt\""), six());
  EXPECT_THAT(numbers_of(last.rank(2)), ElementsAre(5, 1));
  const WishedShop nobody(where("p", "pin", "item.brand == \"none\""), six());
  EXPECT_THAT(numbers_of(nobody.rank()), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_TRUE(nobody.rank().policy.pinned.empty());
}

TEST(Wishes, PinEachItemOnceAndEachPositionOnce) {
  const std::string same = where("p", "pin", "item.brand == \"acme\"", "at=3") +
                           where("q", "pin", "item.price > 5.0", "at=3") +
                           where("r", "pin", "item.price > 55.0", "at=9");
  const Ranking ranking = WishedShop(same, six()).rank();
  EXPECT_THAT(numbers_of(ranking), ElementsAre(3, 4, 1, 2, 5, 6));
  EXPECT_THAT(ranking.policy.pinned, ElementsAre(3, 4, 6)) << "the last one is the end of the list";
}

TEST(Wishes, CountPinnedItemsAmongThoseThatAreBound) {
  const WishedShop shop(kTwoOfABrand + where("p", "pin", "item.brand == \"acme\"", "at=4"), six());
  EXPECT_THAT(numbers_of(shop.rank()), ElementsAre(2, 5, 6, 1, 3, 4));
}

TEST(Wishes, AreTheModelsOwnOrderWithoutAny) {
  const WishedShop shop("", six());
  const Ranking ranking = shop.rank();
  EXPECT_TRUE(ranking.policy.wishes.empty());
  EXPECT_TRUE(to_text(ranking.policy).parameters.empty());
}

TEST(Wishes, EqualAPlainWalkDownTheOrder) {
  rc::check([&](std::uint32_t seed) {
    SampleNumbers random(seed);
    const auto below = [&](int bound) { return static_cast<int>(random.uniform(0, bound)); };
    std::vector<Offer> offers;
    for (int i = below(40); i >= 0; --i) {
      const int brand = below(5);
      offers.push_back({static_cast<double>(below(100)),
                        brand == 4 ? std::string{} : kBrands[static_cast<std::size_t>(brand)],
                        static_cast<float>(1 + below(60)) / 64.0F});
    }
    const int most = 1 + below(3);
    const int first = 1 + below(15);
    const int dear = below(100);
    const WishedShop shop("[[wish]]\nname='m'\nhow='at_most'\nfield='brand'\nmost=" + std::to_string(most) +
                              "\nfirst=" + std::to_string(first) + "\n" +
                              where("b", "boost", "item.brand == \"cord\"", "by=0.7") +
                              where("x", "block", "item.price > " + std::to_string(dear) + ".5"),
                          offers);
    std::vector<std::pair<double, std::size_t>> left;
    for (std::size_t i = 0; i < offers.size(); ++i) {
      const auto score = static_cast<double>(offers[i].score);
      const double boost = offers[i].brand == "cord" ? 0.7 : 0;
      if (!(offers[i].price > dear + 0.5)) left.emplace_back(-(std::log(score / (1 - score)) + boost), i);
    }
    std::stable_sort(left.begin(), left.end());
    std::vector<std::int64_t> order;
    std::map<std::string, int> stood;
    while (!left.empty()) {
      auto next = left.begin();
      if (order.size() < static_cast<std::size_t>(first)) {
        next = std::find_if(left.begin(), left.end(), [&](const auto& one) {
          const std::string& brand = offers[one.second].brand;
          return brand.empty() || stood[brand] < most;
        });
        if (next == left.end()) next = left.begin();
      }
      order.push_back(static_cast<std::int64_t>(next->second) + 1);
      ++stood[offers[next->second].brand];
      left.erase(next);
    }
    RC_ASSERT(numbers_of(shop.rank()) == order);
    const int best = 1 + below(20);
    order.resize(std::min(order.size(), static_cast<std::size_t>(best)));
    RC_ASSERT(numbers_of(shop.rank(best)) == order);
  });
}

TEST(Wishes, NameTheFieldThatACatalogDoesNotHold) {
  const WishedShop shop(kTwoOfABrand, six());
  EXPECT_FALSE(field_not_held(shop.domain().wishes.front(), *shop.catalog()));
  Domain other = shop.domain();
  other.wishes.clear();
  other.features.pop_back();
  const auto held = Catalog::empty(share(other));
  EXPECT_EQ(field_not_held(shop.domain().wishes.front(), *held), "brand");
}

}  // namespace
}  // namespace rankloop::ml
