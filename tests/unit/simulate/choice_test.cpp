// What simulated guests pick.
#include "simulate/choice.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace rankloop::simulate {
namespace {

// A guest who wishes for everything, and a place that has nothing but ratings of 1, 2, 3 ...
class TrueScore : public testing::Test {
 protected:
  TrueScore() {
    guest_.kind = &kind_;
    guest_.budget = 100;
    guest_.spa = guest_.pool = guest_.pets = guest_.lake = guest_.mountain = guest_.sport = true;
    place_.price = 100;
    place_.family_rating = 1;
    place_.service_rating = 2;
    place_.outdoor_rating = 3;
    place_.food_rating = 4;
    place_.leisure_rating = 5;
    place_.user_score = 6;
  }
  double score() const { return true_score(guest_, place_); }

  GuestKind kind_;
  Guest guest_;
  Place place_;
};

TEST_F(TrueScore, AddsRatingsAndWhatIsMet) {
  EXPECT_DOUBLE_EQ(score(), 1 + 2 + 3 + 4 + 5 + 6);
  place_.has_spa = place_.has_pool = true;
  EXPECT_DOUBLE_EQ(score(), 21 + 2);
  place_.near_lake = true;
  EXPECT_DOUBLE_EQ(score(), 21 + 3);
  place_.has_sport = true;  // a facility and of the surroundings
  EXPECT_DOUBLE_EQ(score(), 21 + 5);
  guest_.spa = false;  // what nobody wished for does not count
  EXPECT_DOUBLE_EQ(score(), 21 + 4);
}

TEST_F(TrueScore, WeighsItsThreeParts) {
  place_.has_pool = true;
  place_.near_mountains = true;
  kind_.taste.weight.pool = 0.5;
  kind_.taste.facilities_weight = 2;
  kind_.taste.environment_weight = 3;
  kind_.taste.users_weight = 0.25;
  EXPECT_DOUBLE_EQ(score(), 2 * (1 + 2 + 0.5) + 3 * (3 + 4 + 5 + 1) + 0.25 * 6);
}

TEST_F(TrueScore, RejectsAPriceOverTheBudget) {
  place_.price = 100.01;
  EXPECT_EQ(score(), 0);
  kind_.taste.budget_tolerance = 0.1;
  place_.price = 109.9;
  EXPECT_GT(score(), 0);
  place_.price = 110.1;
  EXPECT_EQ(score(), 0);
}

TEST_F(TrueScore, RejectsTooFewFacilities) {
  kind_.taste.facilities_tolerance = 0.5;
  place_.has_spa = true;
  EXPECT_EQ(score(), 0);  // 1 of 4
  place_.animals = true;
  EXPECT_GT(score(), 0);  // 2 of 4
  kind_.taste.weight.pool = 3;
  EXPECT_EQ(score(), 0);  // 2 of 6
  guest_.spa = guest_.pool = guest_.pets = guest_.sport = false;
  EXPECT_GT(score(), 0);  // none wished for
}

TEST_F(TrueScore, RejectsTooLittleOfTheSurroundings) {
  kind_.taste.environment_tolerance = 0.5;
  place_.near_lake = true;
  EXPECT_EQ(score(), 0);  // 1 of 3
  place_.has_sport = true;
  EXPECT_GT(score(), 0);  // 2 of 3
}

TEST_F(TrueScore, RejectsALowFamilyRatingOnlyWithChildren) {
  place_.family_rating = 0.9;
  EXPECT_GT(score(), 0);
  guest_.children = 1;
  EXPECT_EQ(score(), 0);
  place_.family_rating = 1;
  EXPECT_GT(score(), 0);
}

TEST_F(TrueScore, HasWhatLastsOfARegular) {
  const double once = score();
  guest_.regular = Regular{.world = 3, .person = 4, .devotion = 2};
  EXPECT_DOUBLE_EQ(score(), once * (1 + lasting_taste(*guest_.regular, place_.id.value)));
  EXPECT_GT(score(), once);
  guest_.budget = 1;
  EXPECT_EQ(score(), 0);
}

TEST_F(TrueScore, OfTheBestIsZeroWhenAllAreRejected) {
  std::array<Place, 3> places = {place_, place_, place_};
  places[1].user_score = 9;
  EXPECT_DOUBLE_EQ(best_true_score(guest_, places), 24);
  for (Place& place : places) place.price = 1000;
  EXPECT_EQ(best_true_score(guest_, places), 0);
  EXPECT_EQ(best_true_score(guest_, {}), 0);
}

constexpr int kTimes = 20'000;

// How often each is picked; the last is how often nothing is.
std::vector<double> shares(const std::vector<double>& scores, const Taste& taste, const Choosing& choosing) {
  Random random{11};
  std::vector<double> counts(scores.size() + 1);
  for (int i = 0; i < kTimes; ++i) ++counts[choose(scores, taste, choosing, random).value_or(scores.size())];
  for (double& count : counts) count /= kTimes;
  return counts;
}

TEST(Choice, PicksNothingWhenAllAreRejected) {
  EXPECT_EQ(shares({0, 0, 0}, {}, {}).back(), 1);
  EXPECT_EQ(shares({}, {}, {}).back(), 1);
}

TEST(Choice, PicksNothingOneTimeInTen) {
  EXPECT_NEAR(shares({3, 1}, {}, {}).back(), 0.1, 0.01);
}

TEST(Choice, TakesTheBestOrDrawsInProportion) {
  const auto picked = shares({1, 0, 3}, {}, {});
  EXPECT_NEAR(picked[0], 0.9 * 0.5 * 0.25, 0.01);
  EXPECT_EQ(picked[1], 0);
  EXPECT_NEAR(picked[2], 0.9 * (0.5 + 0.5 * 0.75), 0.01);
}

TEST(Choice, AlwaysTakesTheFirstBestWithoutExploration) {
  Taste taste;
  taste.exploration = 0;
  taste.ignore = 1;
  EXPECT_EQ(shares({1, 3, 3, 2}, taste, {})[1], 1);
}

TEST(Choice, PicksNothingWithoutADecision) {
  EXPECT_EQ(shares({1, 2}, {}, Choosing{0, 0}).back(), 1);
  EXPECT_NEAR(shares({1, 2}, {}, Choosing{0.5, 0}).back(), 1 - 0.5 * 0.9, 0.01);
}

TEST(Choice, OverlooksLowerPositionsWithAPositionBias) {
  Taste taste;
  taste.exploration = 0;
  taste.ignore = 1;
  const auto picked = shares({1, 0, 0, 2}, taste, Choosing{1, 1});
  EXPECT_NEAR(picked[3], 0.25, 0.01);  // position 4 is seen one time in four
  EXPECT_NEAR(picked[0], 0.75, 0.01);  // position 1 always
  EXPECT_NEAR(shares({0, 2}, taste, Choosing{1, 2}).back(), 0.75, 0.01);
}

}  // namespace
}  // namespace rankloop::simulate
