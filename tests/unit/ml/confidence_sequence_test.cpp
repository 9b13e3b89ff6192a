// Bounds that hold at all times together: in worlds with a known mean, looked at after every observation.
#include "ml/confidence_sequence.h"

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

using Draw = std::function<double(RandomNumbers&)>;

constexpr int kRuns = 1000;
constexpr int kObservations = 3000;
constexpr int kFirstLook = 100;        // of what holds from some hundred observations on
constexpr int kFirstLookAtRare = 600;  // ... and of what is seen once in twenty, later

double skewed(RandomNumbers& random) {  // mean 0, variance 1, a long tail to the right
  return -std::log(1 - random.uniform(0, 1)) - 1;
}

double rare(RandomNumbers& random) {
  return random.uniform(0, 1) < 0.05 ? 1 : 0;
}

bool holds(const Interval& bounds, double mean) {
  return bounds.low <= mean && mean <= bounds.high;
}

// In how many of 1,000 runs the bounds left out the mean at any look.
int broken_runs(const Draw& draw, double mean, int first_look,
                const std::function<Interval(const RunningMean&)>& bounds) {
  int broken = 0;
  for (int run = 0; run < kRuns; ++run) {
    RandomNumbers random{static_cast<std::uint64_t>(run + 1)};
    RunningMean seen;
    for (int t = 1; t <= kObservations; ++t) {
      seen.add(draw(random));
      if (t < first_look || holds(bounds(seen), mean)) continue;
      ++broken;
      break;
    }
  }
  return broken;
}

TEST(RunningMean, IsThatOfAllObservations) {
  RunningMean seen;
  EXPECT_EQ(seen.variance(), 0);
  for (const double value : {1e9 + 1.0, 1e9 + 2.0, 1e9 + 6.0}) seen.add(value);
  EXPECT_EQ(seen.count(), 3U);
  EXPECT_DOUBLE_EQ(seen.mean(), 1e9 + 3);
  EXPECT_NEAR(seen.variance(), 7, 1e-6);
}

TEST(AsymptoticSequence, HasTheRadiusOfItsFormula) {
  const SequenceRules rules{.confidence = 0.9, .tightest_at = 50};
  const double squared = (-2 * std::log(0.1) + std::log(-2 * std::log(0.1) + 1)) / 50;
  const double expected =
      std::sqrt(2 * (80 * squared + 1) / (80 * 80 * squared) * std::log(std::sqrt(80 * squared + 1) / 0.1));
  EXPECT_NEAR(sequence_radius(80, rules), expected, 1e-12);
}

TEST(AsymptoticSequence, IsTightestWhereItIsAskedToBe) {
  const auto at_500 = [](double tightest) { return sequence_radius(500, {.tightest_at = tightest}); };
  EXPECT_LT(at_500(500), at_500(50));
  EXPECT_LT(at_500(500), at_500(5000));
}

TEST(AsymptoticSequence, HoldsAtAllLooksTogether) {
  const auto sequence = [](const RunningMean& seen) {
    return asymptotic_sequence(seen, SequenceRules{.tightest_at = 500});
  };
  EXPECT_LE(broken_runs(skewed, 0, kFirstLook, sequence), kRuns * 6 / 100);
  EXPECT_LE(broken_runs(rare, 0.05, kFirstLookAtRare, sequence), kRuns * 6 / 100);
}

TEST(AsymptoticSequence, IsNeededBecauseAnIntervalOfOneLookDoesNotHold) {
  const auto once = [](const RunningMean& seen) {
    const double radius = 1.96 * std::sqrt(seen.variance() / static_cast<double>(seen.count()));
    return Interval{seen.mean() - radius, seen.mean() + radius};
  };
  EXPECT_GE(broken_runs(skewed, 0, kFirstLook, once), kRuns * 25 / 100);
}

TEST(AsymptoticSequence, SaysNothingOfOneObservationOrOneThatNeverDiffers) {
  RunningMean seen;
  seen.add(1);
  EXPECT_EQ(asymptotic_sequence(seen, {}).high, std::numeric_limits<double>::infinity());
  const std::vector<PersonSum> alike(5, PersonSum{1, 1});
  EXPECT_EQ(asymptotic_sequence(alike, {}).low, -std::numeric_limits<double>::infinity());
}

TEST(AsymptoticSequence, OfPeopleIsThatOfTheirMeansWhereEachHasOneRequest) {
  RandomNumbers random{7};
  RunningMean seen;
  std::vector<PersonSum> people;
  for (int i = 0; i < 200; ++i) {
    const double value = skewed(random);
    seen.add(value);
    people.push_back({value, 1});
  }
  const Interval of_values = asymptotic_sequence(seen, {});
  const Interval of_people = asymptotic_sequence(people, {});
  EXPECT_NEAR(of_people.low, of_values.low, 1e-9);
  EXPECT_NEAR(of_people.high, of_values.high, 1e-9);
}

TEST(BoundedSequence, HoldsFromTheFirstObservationOn) {
  int broken = 0;
  for (int run = 0; run < kRuns; ++run) {
    RandomNumbers random{static_cast<std::uint64_t>(run + 1)};
    BoundedSequence sequence{0, 1};
    for (int t = 0; t < kObservations; ++t) {
      sequence.add(rare(random));
      if (holds(sequence.bounds({}), 0.05)) continue;
      ++broken;
      break;
    }
  }
  EXPECT_LE(broken, kRuns * 5 / 100);
}

TEST(BoundedSequence, HoldsTheAverageOfMeansThatDrift) {
  int broken = 0;
  for (int run = 0; run < kRuns; ++run) {
    RandomNumbers random{static_cast<std::uint64_t>(run + 1)};
    BoundedSequence sequence{0, 1};
    double means = 0;
    for (int t = 0; t < kObservations; ++t) {
      const double mean = t < kObservations / 2 ? 0.2 : 0.6;
      means += mean;
      sequence.add(random.uniform(0, 1) < mean ? 1 : 0);
      if (holds(sequence.bounds({}), means / (t + 1))) continue;
      ++broken;
      break;
    }
  }
  EXPECT_LE(broken, kRuns * 5 / 100);
}

TEST(BoundedSequence, NarrowsWhereObservationsVaryLittle) {
  RandomNumbers random{3};
  BoundedSequence often{0, 1};
  BoundedSequence seldom{0, 1};
  for (int t = 0; t < 10'000; ++t) {
    often.add(random.uniform(0, 1) < 0.5 ? 1 : 0);
    seldom.add(random.uniform(0, 1) < 0.01 ? 1 : 0);
  }
  const auto width = [](const BoundedSequence& sequence) {
    const Interval bounds = sequence.bounds({.tightest_at = 10'000});
    return bounds.high - bounds.low;
  };
  EXPECT_LT(width(often), 0.05);
  EXPECT_LT(width(seldom), width(often) / 2);
}

TEST(BoundedSequence, NeverLeavesItsBounds) {
  BoundedSequence sequence{-1, 2};
  EXPECT_EQ(sequence.bounds({}).low, -1);
  sequence.add(50);
  EXPECT_EQ(sequence.mean(), 2);
  EXPECT_EQ(sequence.bounds({}).high, 2);
}

}  // namespace
}  // namespace rankloop::ml
