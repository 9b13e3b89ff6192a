// How likely a way of exploring is to make a list that it need not have drawn.
#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "unit/ml/exploring_lists.h"

namespace rankloop::ml {
namespace {

TEST(Follow, SaysOfEveryListHowLikelyItIsAndWhatStandsThere) {
  const std::vector<double> values = {0.5, 0.1, 0.9, 0.3, 0.2};
  for (const auto& [name, terms] : all_terms()) {
    const Slate slate = make_slate(own_order(kFive).items, {}, five_draws());
    std::vector<std::uint32_t> places = {0, 1, 2, 3, 4};
    double sum = 0;
    std::vector<double> shown(kFive.size()), expected(kFive.size());
    Followed followed;
    do {
      follow(slate, terms, places, values, followed);
      sum += followed.joint.back();
      for (std::size_t i = 0; i < places.size(); ++i) {
        shown[i] += followed.joint.back() * values[places[i]];
        expected[i] += followed.joint.back() * followed.mean[i];
      }
    } while (std::next_permutation(places.begin(), places.end()));
    EXPECT_NEAR(sum, 1, 1e-9) << name;
    for (std::size_t i = 0; i < shown.size(); ++i) EXPECT_NEAR(shown[i], expected[i], 1e-9) << name << i;
  }
}

TEST(Follow, AgreesWithWhatWasStoredOfTheListsItDraws) {
  for (const auto& [name, terms] : all_terms()) {
    for (std::uint64_t seed = 1; seed < 40; ++seed) {
      const Ranking list = drawn(terms, seed);
      std::vector<std::uint32_t> places;
      for (const std::int64_t id : ids_of(list)) places.push_back(static_cast<std::uint32_t>(id - 1));
      Followed followed;
      follow(make_slate(own_order(kFive).items, {}, five_draws()), terms, places, std::vector<double>(5),
             followed);
      double joint = 1;
      for (std::size_t i = 0; i < places.size(); ++i) {
        joint *= static_cast<double>(list.items[i].propensity);
        EXPECT_NEAR(followed.joint[i], joint, 1e-6) << name;
      }
    }
  }
}

TEST(Follow, NeverShowsWhatIsNotInTheSlate) {
  Followed followed;
  const Exploration terms{.policy = PolicyKind::kSoftmax, .share = 1, .temperature = 1};
  follow(make_slate(own_order(kFive).items, {}), terms, std::vector<std::uint32_t>{1, kNoPlace, 0},
         std::vector<double>(5), followed);
  EXPECT_GT(followed.joint[0], 0);
  EXPECT_EQ(followed.joint[1], 0);
  EXPECT_EQ(followed.joint[2], 0);
}

}  // namespace
}  // namespace rankloop::ml
