// Effects of arms: their figures, their errors, and how often their bounds are wrong.
#include "ml/arm_outcomes.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

// Draws of a standard normal variable (Box and Muller, 1958).
class Normal {
 public:
  explicit Normal(std::uint64_t seed) : random_(mix_bits(seed)) {}
  double draw() {
    const double radius = std::sqrt(-2 * std::log(1 - random_.uniform(0, 1)));
    return radius * std::cos(2 * 3.14159265358979323846 * random_.uniform(0, 1));
  }
  double uniform() { return random_.uniform(0, 1); }
  std::uint16_t arm() { return static_cast<std::uint16_t>(random_.below(2)); }

 private:
  RandomNumbers random_;
};

TEST(ArmOutcomes, AreMeansOfRequestsWhereEachPersonAsksOnce) {
  ArmOutcomes outcomes(2);
  const std::vector<double> control = {1, 0, 0, 1};
  const std::vector<double> arm = {1, 1, 0, 1};
  std::uint32_t person = 0;
  for (const double value : control) outcomes.add({person++, 0, value});
  for (const double value : arm) outcomes.add({person++, 1, value});
  const auto effect = outcomes.effect(1);
  ASSERT_TRUE(effect);
  EXPECT_DOUBLE_EQ(effect->control.mean, 0.5);
  EXPECT_DOUBLE_EQ(effect->arm.mean, 0.75);
  EXPECT_DOUBLE_EQ(effect->difference, 0.25);
  EXPECT_DOUBLE_EQ(effect->lift, 0.5);
  EXPECT_EQ(effect->people, 8);
  // Sample variances 1/3 and 1/4, over four people each.
  EXPECT_DOUBLE_EQ(effect->variance, 1.0 / 12 + 1.0 / 16);
  EXPECT_DOUBLE_EQ(effect->lift_variance, (1.0 / 16 + 1.5 * 1.5 / 12) / 0.25);
}

TEST(ArmOutcomes, SayNothingOfOnePerson) {
  ArmOutcomes outcomes(2);
  for (int i = 0; i < 10; ++i) outcomes.add({0, 0, 1});
  for (std::uint32_t i = 1; i < 10; ++i) outcomes.add({i, 1, 1});
  EXPECT_FALSE(outcomes.effect(1));
  EXPECT_EQ(outcomes.mean(0).requests, 10);
  EXPECT_EQ(outcomes.mean(0).people, 1);
}

// Requests of one person that are all alike say as much as one: the variance is that of people.
TEST(ArmOutcomes, CountPeopleNotRequests) {
  ArmOutcomes once(2);
  ArmOutcomes often(2);
  Normal random(1);
  for (std::uint32_t person = 0; person < 200; ++person) {
    const auto arm = static_cast<std::uint16_t>(person % 2);
    const double value = random.draw();
    once.add({person, arm, value});
    for (int i = 0; i < 5; ++i) often.add({person, arm, value});
  }
  EXPECT_NEAR(often.effect(1)->difference, once.effect(1)->difference, 1e-12);
  EXPECT_NEAR(often.effect(1)->variance, once.effect(1)->variance, 1e-12);
}

// Of a ratio of sums, where people ask more or less often: how far it falls from one sample to the next is
// what its variance says.
TEST(ArmOutcomes, HaveTheVarianceThatSamplesShow) {
  constexpr int kSamples = 2'000;
  double sum = 0;
  double squares = 0;
  double claimed = 0;
  for (int sample = 0; sample < kSamples; ++sample) {
    Normal random(static_cast<std::uint64_t>(sample));
    ArmOutcomes outcomes(2);
    for (std::uint32_t person = 0; person < 200; ++person) {
      const std::uint16_t arm = random.arm();
      const double taste = random.uniform();
      const int requests = 1 + static_cast<int>(8 * taste);  // who likes it comes often
      for (int i = 0; i < requests; ++i) outcomes.add({person, arm, random.uniform() < taste ? 1.0 : 0.0});
    }
    const auto effect = outcomes.effect(1);
    sum += effect->difference;
    squares += effect->difference * effect->difference;
    claimed += effect->variance / kSamples;
  }
  const double shown = squares / kSamples - sum / kSamples * sum / kSamples;
  EXPECT_NEAR(claimed / shown, 1, 0.1);
}

// The same where each request is drawn by itself: a person is in both arms, and its liking cancels out.
TEST(ArmOutcomes, KnowThatPeopleAreInBothArms) {
  constexpr int kSamples = 2'000;
  double squares = 0;
  double claimed = 0;
  for (int sample = 0; sample < kSamples; ++sample) {
    Normal random(static_cast<std::uint64_t>(sample));
    ArmOutcomes outcomes(2);
    for (std::uint32_t person = 0; person < 100; ++person) {
      const double taste = random.draw();
      for (int i = 0; i < 6; ++i) outcomes.add({person, random.arm(), taste + 0.3 * random.draw()});
    }
    const auto effect = outcomes.effect(1);
    squares += effect->difference * effect->difference / kSamples;
    claimed += effect->variance / kSamples;
  }
  EXPECT_NEAR(claimed / squares, 1, 0.1);
}

struct Looks {
  int bands_wrong = 0;
  int intervals_wrong = 0;
};

// Experiments without any difference, looked at after every twentieth person; people of different eagerness.
Looks look_at_nothing(int experiments, std::uint32_t people) {
  Looks looks;
  for (int experiment = 0; experiment < experiments; ++experiment) {
    Normal random(static_cast<std::uint64_t>(experiment) + 77);
    ArmOutcomes outcomes(2);
    bool band = false;
    bool interval = false;
    for (std::uint32_t person = 0; person < people; ++person) {
      const std::uint16_t arm = random.arm();
      const double taste = 0.1 + 0.4 * random.uniform();
      const int requests = 1 + static_cast<int>(3 * random.uniform());
      for (int i = 0; i < requests; ++i) outcomes.add({person, arm, random.uniform() < taste ? 1.0 : 0.0});
      if (person % 20 != 0) continue;
      const auto effect = outcomes.effect(1);
      if (!effect) continue;
      const auto bounds = band_of(*effect, {.tightest_at = people / 2.0});
      if (!bounds) continue;
      band = band || bounds->low > 0 || bounds->high < 0;
      const Interval fixed = interval_of(effect->difference, effect->variance, 0.95);
      interval = interval || fixed.low > 0 || fixed.high < 0;
    }
    looks.bands_wrong += band ? 1 : 0;
    looks.intervals_wrong += interval ? 1 : 0;
  }
  return looks;
}

TEST(ArmOutcomes, HaveBandsThatErrInFiveOfAHundredWhoeverLooks) {
  constexpr int kExperiments = 1'000;
  const Looks looks = look_at_nothing(kExperiments, 3'000);
  EXPECT_LE(looks.bands_wrong, kExperiments / 20);
  EXPECT_GT(looks.intervals_wrong, kExperiments / 5);  // which is why there are bands
}

TEST(ArmOutcomes, HaveBandsThatSeeWhatIsThere) {
  Normal random(5);
  ArmOutcomes outcomes(2);
  for (std::uint32_t person = 0; person < 4'000; ++person) {
    const std::uint16_t arm = random.arm();
    outcomes.add({person, arm, random.uniform() < (arm == 0 ? 0.3 : 0.4) ? 1.0 : 0.0});
  }
  const auto effect = outcomes.effect(1);
  const SequenceRules rules{.tightest_at = 4'000};
  const auto band = band_of(*effect, rules);
  ASSERT_TRUE(band);
  EXPECT_GT(band->low, 0);
  EXPECT_LT(band->low, 0.1);
  EXPECT_GT(band->high, 0.1);
  EXPECT_LT(always_valid_p(*effect, rules), 0.05);
}

// A band leaves 0 out exactly where the p-value is below its error.
TEST(ArmOutcomes, HavePValuesThatAgreeWithTheirBands) {
  Normal random(6);
  ArmOutcomes outcomes(2);
  const SequenceRules rules{.tightest_at = 1'000};
  int apart = 0;
  for (std::uint32_t person = 0; person < 3'000; ++person) {
    const std::uint16_t arm = random.arm();
    outcomes.add({person, arm, random.draw() + 0.15 * arm});
    const auto effect = outcomes.effect(1);
    const auto band = effect ? band_of(*effect, rules) : std::nullopt;
    if (!band) continue;
    const bool outside = band->low > 0 || band->high < 0;
    EXPECT_EQ(outside, always_valid_p(*effect, rules) < 0.05) << person;
    apart += outside ? 1 : 0;
  }
  EXPECT_GT(apart, 0);
}

TEST(ArmOutcomes, HaveNoBandOfAFewPeople) {
  ArmOutcomes outcomes(2);
  for (std::uint32_t person = 0; person < 150; ++person)
    outcomes.add({person, static_cast<std::uint16_t>(person % 2), static_cast<double>(person % 3)});
  ASSERT_TRUE(outcomes.effect(1));
  EXPECT_FALSE(band_of(*outcomes.effect(1), {}));
  EXPECT_DOUBLE_EQ(always_valid_p(*outcomes.effect(1), {}), 1);
}

// What people did before tells three quarters of the variance of what they do: CUPED takes that off, and what
// it answers lies about the same effect.
TEST(ArmOutcomes, AreAdjustedWithoutBiasAndWithLessVariance) {
  constexpr int kSamples = 500;
  constexpr double kEffect = 0.2;
  double sum = 0;
  double plain_squares = 0;
  double squares = 0;
  double claimed = 0;
  int covered = 0;
  for (int sample = 0; sample < kSamples; ++sample) {
    Normal random(static_cast<std::uint64_t>(sample) + 1'000);
    std::vector<double> earlier(400);
    for (double& each : earlier) each = random.draw();
    ArmOutcomes outcomes(2, earlier);
    for (std::uint32_t person = 0; person < 400; ++person) {
      const std::uint16_t arm = random.arm();
      const double now = std::sqrt(0.75) * earlier[person] + 0.5 * random.draw() + kEffect * arm;
      for (int i = 0; i <= static_cast<int>(person % 3); ++i) outcomes.add({person, arm, now});
    }
    const auto plain = outcomes.effect(1);
    const auto adjusted = outcomes.adjusted_effect(1);
    ASSERT_TRUE(plain && adjusted);
    EXPECT_LT(adjusted->variance, plain->variance);
    sum += adjusted->difference / kSamples;
    plain_squares += std::pow(plain->difference - kEffect, 2) / kSamples;
    squares += std::pow(adjusted->difference - kEffect, 2) / kSamples;
    claimed += adjusted->variance / kSamples;
    const Interval interval = interval_of(adjusted->difference, adjusted->variance, 0.95);
    covered += interval.low <= kEffect && kEffect <= interval.high ? 1 : 0;
  }
  EXPECT_NEAR(sum, kEffect, 4 * std::sqrt(squares / kSamples));
  EXPECT_LT(squares, 0.45 * plain_squares);
  EXPECT_NEAR(claimed / squares, 1, 0.2);
  EXPECT_GE(covered, kSamples * 92 / 100);
}

TEST(ArmOutcomes, AreNotAdjustedByWhatIsAlikeForAll) {
  ArmOutcomes without(2);
  ArmOutcomes alike(2, std::vector<double>(200, 0.3));
  for (std::uint32_t person = 0; person < 200; ++person) {
    without.add({person, static_cast<std::uint16_t>(person % 2), 1.0 * (person % 5)});
    alike.add({person, static_cast<std::uint16_t>(person % 2), 1.0 * (person % 5)});
  }
  EXPECT_FALSE(without.adjusted_effect(1));
  EXPECT_FALSE(alike.adjusted_effect(1));
}

}  // namespace
}  // namespace rankloop::ml
