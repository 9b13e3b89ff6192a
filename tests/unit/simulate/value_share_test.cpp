// How much of what there was the guests got.
#include "simulate/value_share.h"

#include <algorithm>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

namespace rankloop::simulate {
namespace {

TEST(ValueShare, IsTheMeanOverGuestsWithSomethingToFind) {
  ValueShare share;
  EXPECT_EQ(share.mean(), 0);
  share.add(5, 10);
  share.add(0, 4);  // nothing picked
  share.add(0, 0);  // nothing to find
  share.add(10, 10);
  EXPECT_EQ(share.guests(), 3);
  EXPECT_DOUBLE_EQ(share.mean(), 0.5);
}

TEST(ValueShare, OfKnownOrdersOnTheDefaultCatalogIsTheKnownOne) {
  const auto places = make_places();
  const Profile profile = default_profile();
  const auto share = [&](const Show& show) {
    return measure_value_share(places, profile, {}, 10'000, 42, show);
  };

  const double random = share(show_random(places, 10)).mean();
  EXPECT_GE(random, 0.58);
  EXPECT_LE(random, 0.61);
  const double oracle = share(show_oracle(places, 10)).mean();
  EXPECT_GE(oracle, 0.83);
  EXPECT_LE(oracle, 0.85);

  std::vector<std::size_t> cheapest(places.size());
  std::iota(cheapest.begin(), cheapest.end(), std::size_t{0});
  std::sort(cheapest.begin(), cheapest.end(),
            [&](auto a, auto b) { return places[a].price < places[b].price; });
  cheapest.resize(10);
  EXPECT_NEAR(share([&](const Guest&, Random&) { return cheapest; }).mean(), 0.77, 0.02);
}

TEST(ValueShare, FallsWithAPositionBias) {
  const auto places = make_places();
  const Profile profile = default_profile();
  const Show show = show_random(places, 10);
  const double without = measure_value_share(places, profile, {1, 0}, 3000, 1, show).mean();
  const double with = measure_value_share(places, profile, {1, 1}, 3000, 1, show).mean();
  EXPECT_LT(with, without - 0.1);
}

TEST(ValueShare, ShowsDistinctPlacesInARandomOrder) {
  const auto places = make_places();
  const Show show = show_random(places, 10);
  Random random{1};
  std::set<std::size_t> seen;
  for (int i = 0; i < 500; ++i) {
    const auto shown = show({}, random);
    EXPECT_EQ(std::set<std::size_t>(shown.begin(), shown.end()).size(), 10U);
    seen.insert(shown.begin(), shown.end());
  }
  EXPECT_EQ(seen.size(), places.size());
}

TEST(ValueShare, ShowsAllOfASmallCatalog) {
  const auto places = make_places();
  const std::span<const Place> few{places.data(), 3};
  const Profile profile = default_profile();
  Random random{1};
  const Guest guest = draw_guest(profile, random);
  EXPECT_EQ(show_random(few, 10)(guest, random).size(), 3U);
  const auto best = show_oracle(few, 10)(guest, random);
  ASSERT_EQ(best.size(), 3U);
  EXPECT_GE(true_score(guest, few[best[0]]), true_score(guest, few[best[1]]));
  EXPECT_TRUE(show_random({}, 10)(guest, random).empty());
}

}  // namespace
}  // namespace rankloop::simulate
