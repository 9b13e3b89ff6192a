// Position bias from items that two models put at different places, in worlds whose curve is known.
#include "ml/harvest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kItems = 20;
constexpr std::size_t kShown = 10;

// How one request was answered: by the first model or the second, which of them by chance, person by person.
struct World {
  double eta = 1;          // position k is looked at with k^-eta
  double share = 0.5;      // of the first model
  double difference = 1;   // how far the models' opinions lie apart; 0: they are one
  bool pick_once = false;  // the best of what was looked at, or else whatever pleases
  std::uint64_t seed = 1;
};

struct Log {
  std::vector<Swap> swaps;
  std::array<double, kShown> shown{};
  std::array<double, kShown> picks{};

  // What pick rates alone would say, relative to the first.
  double naive(std::size_t position) const {
    return picks[position - 1] / shown[position - 1] / (picks[0] / shown[0]);
  }
};

using Places = std::array<std::size_t, kItems>;  // [item]: its place, from 0

class Guests {
 public:
  explicit Guests(const World& world) : world_(world), random_(world.seed) {}

  // `both`: each request is answered by both models, as it cannot be outside of a test.
  Log asked(int people, int requests_each, bool both = false) {
    Log log;
    for (int person = 0; person < people; ++person) {
      const bool first = random_.uniform(0, 1) < world_.share;
      for (int r = 0; r < requests_each; ++r) {
        draw_items();
        const Places own = ranked();
        const Places theirs = ranked();
        ++request_;
        if (first || both) answer(person, own, theirs, both ? 1 : world_.share, log);
        if (!first || both) answer(person, theirs, own, both ? 1 : 1 - world_.share, log);
      }
    }
    return log;
  }

 private:
  void draw_items() {
    for (double& pleases : pleases_) pleases = std::pow(random_.uniform(0, 1), 2) * 0.6;
  }
  Places ranked() {
    std::array<double, kItems> scores;
    for (std::size_t i = 0; i < kItems; ++i)
      scores[i] = pleases_[i] + 0.3 * world_.difference * random_.uniform(-1, 1);
    std::array<std::size_t, kItems> order;
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return scores[a] > scores[b]; });
    Places places;
    for (std::size_t place = 0; place < kItems; ++place) places[order[place]] = place;
    return places;
  }
  void answer(int person, const Places& own, const Places& other, double chance, Log& log) {
    const std::array<bool, kItems> picked = picks_of(own);
    for (std::size_t i = 0; i < kItems; ++i) {
      if (own[i] >= kShown) continue;
      log.shown[own[i]] += 1;
      log.picks[own[i]] += picked[i] ? 1 : 0;
      if (other[i] >= kShown || other[i] == own[i]) continue;
      log.swaps.push_back({request_, static_cast<std::uint64_t>(person),
                           static_cast<std::int32_t>(own[i] + 1), static_cast<std::int32_t>(other[i] + 1),
                           chance, picked[i]});
    }
  }
  std::array<bool, kItems> picks_of(const Places& places) {
    std::array<bool, kItems> picked{};
    std::size_t best = kItems;
    for (std::size_t i = 0; i < kItems; ++i) {
      const double looked_at = std::pow(static_cast<double>(places[i] + 1), -world_.eta);
      if (places[i] >= kShown || random_.uniform(0, 1) >= looked_at * pleases_[i]) continue;
      picked[i] = !world_.pick_once;
      if (best == kItems || pleases_[i] > pleases_[best]) best = i;
    }
    if (world_.pick_once && best < kItems) picked[best] = true;
    return picked;
  }

  const World world_;
  RandomNumbers random_;
  std::array<double, kItems> pleases_{};
  std::int64_t request_ = 0;
};

TEST(Harvest, FindsTheCurveThatPickRatesExaggerate) {
  for (const double eta : {0.0, 0.5, 1.0}) {
    for (const double share : {0.5, 0.8}) {
      const Log log = Guests({.eta = eta, .share = share, .seed = 7}).asked(10'000, 2);
      const auto harvest = harvest_attraction(log.swaps, kShown);
      ASSERT_TRUE(harvest);
      EXPECT_GT(harvest->requests, 15'000U);
      const Examination& curve = harvest->attraction.curve;
      ASSERT_EQ(curve.at_position.size(), kShown);
      for (const std::int32_t k : {2, 3, 5, 8, 10}) {
        const double truth = std::pow(k, -eta);
        EXPECT_NEAR(curve.at(k), truth, 0.12 * truth + 0.01) << "eta " << eta << " position " << k;
        // Good items stand on top, so rates fall faster than attention does.
        EXPECT_LT(log.naive(static_cast<std::size_t>(k)), 0.88 * truth) << "eta " << eta << " position " << k;
      }
    }
  }
}

TEST(Harvest, HasIntervalsThatHoldTheTruth) {
  int held = 0, asked = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto harvest =
        harvest_attraction(Guests({.eta = 0.5, .seed = seed}).asked(500, 4).swaps, kShown, seed);
    ASSERT_TRUE(harvest);
    const Attraction& found = harvest->attraction;
    for (std::int32_t k = 2; k <= 10; ++k, ++asked) {
      const double truth = std::pow(k, -0.5);
      EXPECT_LE(found.steeper.at(k), found.curve.at(k));
      EXPECT_GE(found.flatter.at(k), found.curve.at(k));
      held += found.steeper.at(k) <= truth && truth <= found.flatter.at(k) ? 1 : 0;
    }
  }
  EXPECT_GE(held, asked * 85 / 100);
}

// Who picks once takes nothing else: the curve is then what the same items draw, as if both models had
// answered everybody.
TEST(Harvest, TellsWhatAPlaceDrawsWherePeoplePickOnce) {
  const World world{.eta = 1, .share = 0.7, .pick_once = true, .seed = 3};
  const auto all = harvest_attraction(Guests(world).asked(40'000, 1, true).swaps, kShown);
  const auto found = harvest_attraction(Guests(world).asked(8'000, 3).swaps, kShown);
  ASSERT_TRUE(all && found);
  for (const std::int32_t k : {2, 4, 7, 10}) {
    EXPECT_NEAR(found->attraction.curve.at(k), all->attraction.curve.at(k),
                0.15 * all->attraction.curve.at(k) + 0.01)
        << "position " << k;
    EXPECT_LE(all->attraction.curve.at(k), 1.1 / k) << "what stands above takes picks, too";
  }
}

TEST(Harvest, AnswersNothingWithoutSwaps) {
  const Log same = Guests({.difference = 0}).asked(2'000, 1);
  EXPECT_TRUE(same.swaps.empty());
  EXPECT_FALSE(harvest_attraction(same.swaps, kShown));
  EXPECT_FALSE(harvest_attraction({}, kShown));
}

TEST(Harvest, AnswersNothingForAFewPicks) {
  const std::vector<Swap> picks(kFewestSwappedPicks - 1, {.position = 1, .other = 2, .picked = true});
  EXPECT_FALSE(harvest_attraction(picks, kShown));
  // Places that are not looked at do not help.
  std::vector<Swap> more = picks;
  more.push_back({.position = 1, .other = 11, .picked = true});
  more.push_back({.position = 2, .other = 2, .picked = true});
  EXPECT_FALSE(harvest_attraction(more, kShown));
  more.push_back({.position = 2, .other = 1, .picked = true});
  EXPECT_TRUE(harvest_attraction(more, kShown));
}

TEST(Harvest, FollowsAPowerLawWhereNothingWasSwapped) {
  std::vector<Swap> swaps;  // of the first and the second place alone, and one of the sixth
  for (std::uint64_t r = 0; r < 900; ++r) {
    swaps.push_back({static_cast<std::int64_t>(r), r, 1, 2, 0.5, r % 3 == 0});
    swaps.push_back({static_cast<std::int64_t>(r), r, 2, 1, 0.5, r % 6 == 0});
  }
  swaps.push_back({900, 900, 6, 2, 0.5, false});
  const auto harvest = harvest_attraction(swaps, kShown);
  ASSERT_TRUE(harvest);
  const Examination& curve = harvest->attraction.curve;
  ASSERT_EQ(curve.at_position.size(), 6U);
  EXPECT_NEAR(curve.at(2), 0.5, 0.03);
  EXPECT_NEAR(curve.at(4), 0.25, 0.05);
  EXPECT_NEAR(curve.at(6), 1.0 / 6, 0.05);
  EXPECT_EQ(harvest->requests, 901U);
  EXPECT_EQ(harvest->picks, 450U);
}

// Two items, of which half and a tenth of the people pick wherever they stand. The model that puts the good
// one first answers nine of ten.
TEST(Harvest, WeighsByTheChanceThatTheModelAnswered) {
  std::vector<Swap> swaps;
  for (int r = 0; r < 4'000; ++r) {
    const bool rightly = r % 10 != 0;
    const double chance = rightly ? 0.9 : 0.1;
    const bool good_picked = r / 10 % 2 == 0;
    const bool bad_picked = r / 10 % 10 == 0;
    const auto person = static_cast<std::uint64_t>(r);
    swaps.push_back({r, person, rightly ? 1 : 2, rightly ? 2 : 1, chance, good_picked});
    swaps.push_back({r, person, rightly ? 2 : 1, rightly ? 1 : 2, chance, bad_picked});
  }
  const auto weighed = harvest_attraction(swaps, kShown);
  for (Swap& swap : swaps) swap.chance = 1;
  const auto unweighed = harvest_attraction(swaps, kShown);
  ASSERT_TRUE(weighed && unweighed);
  EXPECT_NEAR(weighed->attraction.curve.at(2), 1, 0.01);
  EXPECT_NEAR(unweighed->attraction.curve.at(2), 0.14 / 0.46, 0.01);
}

}  // namespace
}  // namespace rankloop::ml
